import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyExploration, explore } from "../test/support/explore.ts";
import { runStart } from "../test/support/kernel-run.ts";
import { RunSpans } from "./spans.ts";
import type { Entry } from "./spans-entry.ts";
import type { Span } from "./spans-shape.ts";

/** Random workflows per property; fast-check prints the seed of a failure. */
const WORKFLOWS = 300;

interface Told {
  readonly journal: readonly Entry[];
  readonly ended: readonly Span[];
  readonly open: readonly Span[];
  /** As each span was when it ended. */
  readonly asEnded: readonly string[];
}

function always(check: (told: Told) => void): void {
  fc.assert(
    fc.property(anyExploration, (exploration) => {
      const { workflow } = exploration;
      const { journal } = explore(exploration);
      const { runId, tenant, trace } = runStart();
      const spans = new RunSpans({ runId, tenant, workflow: workflow.name, definition: workflow, trace });
      const asEnded: string[] = [];
      const ended: Span[] = [];
      for (const entry of journal) {
        const more = spans.take(entry);
        ended.push(...more);
        asEnded.push(...more.map((span) => JSON.stringify(span)));
      }
      check({ journal, ended, open: spans.open(), asEnded });
    }),
    { numRuns: WORKFLOWS },
  );
}

const seqsOf = ({ events }: Span): readonly number[] => events.map(({ attributes }) => Number(attributes["troupe.seq"]));

describe("for every journal there can be", () => {
  test("every entry is an event of exactly one span (SP1), and a span's events lie within it, in order", () => {
    always(({ journal, ended, open }) => {
      const all = [...ended, ...open];
      expect(all.flatMap(seqsOf).sort((one, other) => one - other)).toEqual(journal.map(({ seq }) => seq));
      for (const span of all) {
        expect([...seqsOf(span)].sort((one, other) => one - other)).toEqual(seqsOf(span));
        for (const { at } of span.events) expect(at >= span.startedAt && at <= (span.endedAt ?? at)).toBe(true);
      }
    });
  });

  test("a span that has ended is never changed (SP2), and no two have the same id (SP3)", () => {
    always(({ ended, open, asEnded }) => {
      expect(ended.map((span) => JSON.stringify(span))).toEqual(asEnded);
      expect(new Set([...ended, ...open].map(({ spanId }) => spanId)).size).toBe(ended.length + open.length);
    });
  });

  test("every span stands below one of the role above it, and begins no earlier", () => {
    const above = { run: null, step: "run", attempt: "step", operation: "attempt" } as const;
    always(({ ended, open }) => {
      const byId = new Map([...ended, ...open].map((span) => [span.spanId, span]));
      for (const span of byId.values()) {
        const parent = byId.get(span.parentSpanId ?? "") ?? null;
        const isItem = span.attributes["troupe.step.item"] !== undefined;
        expect(parent?.role ?? null).toBe(isItem ? "step" : above[span.role]);
        if (isItem) expect(span.name.startsWith(`${parent?.name}[`)).toBe(true);
        expect(span.startedAt).toBeGreaterThanOrEqual(parent?.startedAt ?? 0);
      }
    });
  });

  test("and ends no later, unless its run stands still before a person, where attempts may go on", () => {
    always(({ ended }) => {
      const byId = new Map(ended.map((span) => [span.spanId, span]));
      for (const { parentSpanId, endedAt } of ended) {
        const parent = byId.get(parentSpanId ?? "");
        if (parent === undefined || (parent.role === "run" && parent.attributes["troupe.state"] === "quarantined")) continue;
        expect(endedAt).toBeLessThanOrEqual(parent.endedAt ?? 0);
      }
    });
  });

  test("every attempt that began is one span, and nothing is left open in a run that rests", () => {
    always(({ journal, ended, open }) => {
      const begun = new Set<string>();
      for (const { actor, on, data } of journal) {
        if (on === "attempt.start") begun.add(`${actor} ${data.attempt}`);
        else if (on === "attempt.requeued") begun.delete(`${actor} ${data.attempt}`);
      }
      const attempts = [...ended, ...open].filter(({ role }) => role === "attempt");
      expect(attempts.map(({ attributes }) => `${attributes["troupe.step.id"]} ${attributes["troupe.attempt.number"]}`).sort()).toEqual(
        [...begun].sort(),
      );
      const isOver = journal.some(({ actor, to }) => actor === "run" && (to === "succeeded" || to === "failed" || to === "canceled"));
      if (isOver) expect(open).toEqual([]);
    });
  });
});
