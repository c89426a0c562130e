import { expect, test } from "vitest";
import type { TracedRun } from "../src/core/trace.ts";
import type { AttemptRequest } from "../src/ports/attempt.ts";
import type { CommittedEntry } from "../src/ports/observer.ts";
import type { RunSample } from "../src/ports/store.ts";
import { KernelRun, runStart } from "../test/support/kernel-run.ts";
import { buildWorkflow } from "../test/support/workflow-builder.ts";
import type { Span } from "./spans-shape.ts";
import { TracingObserver } from "./tracing-observer.ts";
import type { TracingSdk } from "./tracing-sdk.ts";

const workflow = buildWorkflow([{ id: "a" }, { id: "b", needs: ["a"] }]);
const run = new KernelRun(workflow).create().run("a", "b");
const { runId, tenant, trace } = runStart();
const observed = { runId, tenant, workflow: workflow.name, definition: workflow, trace };
const entries: readonly CommittedEntry[] = run.journal.map((entry) => ({ run: observed, entry }));
const request = { runId, trace, step: workflow.steps[0], attempt: 1 } as unknown as AttemptRequest; // The observer asks for no more.

/** Twelve earlier runs in which `b` took a minute. */
const slowBefore: readonly RunSample[] = Array.from({ length: 12 }, (_, index) => ({
  runId: `run_${index}` as RunSample["runId"],
  createdAt: -2_000 - index,
  endedAt: -1_000 - index,
  steps: new Map([["b", { durationMs: 60_000, costUsd: 0, retries: 0, outputBytes: 4 }]]) as unknown as RunSample["steps"],
}));

function open({ isSampled = true, isSpent = false, history = [] as readonly RunSample[] } = {}) {
  const emitted: Span[] = [];
  const asked: TracedRun[] = [];
  const reads: (readonly [after: number, limit: number])[] = [];
  const within: string[] = [];
  const sdk: TracingSdk = {
    samples(of) {
      asked.push(of);
      return isSampled;
    },
    emit: (_, span) => void emitted.push(span),
    within(_, spanId, work) {
      within.push(spanId);
      return work();
    },
    apart(work) {
      within.push("apart");
      return work();
    },
    close: () => Promise.resolve(0),
  };
  let leftOut = 0;
  const observer = new TracingObserver({
    sdk,
    store: {
      entries(_, after, limit) {
        reads.push([after, limit]);
        return run.journal.filter(({ seq }) => seq > after).slice(0, limit);
      },
      samples: () => history,
    },
    budget: { isSpent, spend: () => undefined },
    leftOut: () => {
      leftOut += 1;
    },
  });
  return { observer, emitted, asked, reads, within, leftOut: () => leftOut };
}

test("a run is followed from its first entry without a look into the store, and the sampler is asked once", () => {
  const { observer, emitted, asked, reads } = open();
  for (const entry of entries) observer.committed([entry]);
  expect(emitted.map(({ name }) => name)).toEqual([
    "troupe.attempt",
    "troupe.step a",
    "troupe.attempt",
    "troupe.step b",
    "troupe.run sample",
  ]);
  expect([asked.length, reads]).toEqual([1, []]);
});

test.each(entries.map(({ entry }) => entry.seq))(
  "a run that is met at entry %i is told whole, as if it had been seen from its start",
  (seq) => {
    const whole = open();
    whole.observer.committed(entries);
    const { observer, emitted, reads } = open();
    observer.committed(entries.filter(({ entry }) => entry.seq >= seq));
    expect(emitted).toEqual(whole.emitted);
    expect(reads).toHaveLength(seq === 1 ? 0 : 1);
  },
);

test.each(entries.map(({ entry }) => entry.seq))("what is unusual is told of the step, also of a run that is met at entry %i", (seq) => {
  const { observer, emitted } = open({ history: slowBefore });
  observer.committed(entries.filter(({ entry }) => entry.seq >= seq));
  const events = emitted.flatMap(({ name, events }) => events.map((event) => ({ span: name, ...event })));
  const ended = events.findIndex(({ span, name }) => span === "troupe.step b" && name === "step.succeeded");
  expect(events.filter(({ name }) => name === "anomaly.detected")).toEqual([events[ended + 1]]);
  expect(events[ended + 1]).toMatchObject({
    span: "troupe.step b",
    at: events[ended]?.at,
    attributes: {
      "troupe.seq": events[ended]?.attributes["troupe.seq"],
      "troupe.attempt.number": 1,
      "troupe.anomaly.kind": "duration",
      "troupe.anomaly.unit": "ms",
      "troupe.anomaly.direction": "below",
      "troupe.anomaly.usual.median": 60_000,
      "troupe.anomaly.usual.runs": 12,
    },
  });
});

test("a run that the sampler leaves out costs neither spans nor reads", () => {
  const { observer, emitted, asked, reads, within } = open({ isSampled: false });
  observer.committed(entries.slice(2, 4));
  observer.committed(entries.slice(4, 5));
  expect([emitted, asked.length, reads]).toEqual([[], 1, []]);
  expect(observer.enclose(request, () => 7)).toBe(7);
  expect(within).toEqual(["apart"]);
});

test("a run that begins when the budget is spent is left out whole, and counted", () => {
  const { observer, emitted, asked, within, leftOut } = open({ isSpent: true });
  for (const entry of entries) observer.committed([entry]);
  expect([emitted, asked, leftOut()]).toEqual([[], [], 1]);
  observer.committed(entries.slice(0, 2));
  observer.enclose(request, () => null);
  expect(within).toEqual(["apart"]);
});

test("a run that another engine began is followed even then: its trace may be waiting for its end", () => {
  const { observer, emitted, leftOut } = open({ isSpent: true });
  observer.committed(entries.slice(3));
  expect([emitted.length, leftOut()]).toEqual([5, 0]);
});

test("a run that has ended is forgotten: what came later would be another one", () => {
  const { observer, asked } = open();
  observer.committed(entries);
  observer.committed(entries);
  expect(asked).toHaveLength(2);
});

test("the work of an attempt is done within its span", () => {
  const { observer, within, emitted } = open();
  observer.committed(entries.slice(0, 4));
  expect(observer.enclose(request, () => "done")).toBe("done");
  observer.committed(entries.slice(4));
  expect(within).toEqual([emitted[0]?.spanId]);
});
