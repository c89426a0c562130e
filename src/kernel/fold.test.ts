import { describe, expect, test } from "vitest";
import { KernelRun } from "../../test/support/kernel-run.ts";
import { buildWorkflow } from "../../test/support/workflow-builder.ts";
import type { StepId } from "../core/ids.ts";
import type { JournalEntry } from "./entry.ts";
import { fold, foldOnto } from "./fold.ts";
import { outstanding } from "./outstanding.ts";

const workflow = buildWorkflow([{ id: "a" }, { id: "b", needs: ["a"] }]);
const finished = (): KernelRun => new KernelRun(workflow).create().run("a", "b");

function tampered(change: (entry: JournalEntry) => Partial<JournalEntry>, at: number): readonly JournalEntry[] {
  return finished().journal.map((entry, index) => (index === at ? { ...entry, ...change(entry) } : entry));
}

describe("a fold", () => {
  test("of the journal is the snapshot that was decided (I-4)", () => {
    const run = finished();
    expect(fold(workflow, run.journal)).toEqual(run.snapshot);
  });

  test("goes on from any snapshot", () => {
    const run = finished();
    for (let cut = 1; cut < run.journal.length; cut++) {
      const part = fold(workflow, run.journal.slice(0, cut));
      expect(foldOnto(workflow, part, run.journal.slice(cut))).toEqual(run.snapshot);
    }
  });

  test("survives JSON", () => {
    const run = finished();
    expect(fold(workflow, JSON.parse(JSON.stringify(run.journal)) as JournalEntry[])).toEqual(run.snapshot);
  });

  test("of nothing, or without the beginning, is refused", () => {
    expect(() => fold(workflow, [])).toThrow(expect.objectContaining({ code: "INV_JOURNAL_GAP" }));
    expect(() => fold(workflow, finished().journal.slice(1))).toThrow(expect.objectContaining({ code: "INV_JOURNAL_GAP" }));
    expect(() =>
      fold(
        workflow,
        tampered(() => ({ seq: 2 }), 0),
      ),
    ).toThrow(expect.objectContaining({ code: "INV_JOURNAL_GAP" }));
  });

  test.each([
    ["a gap", "INV_JOURNAL_GAP", () => finished().journal.toSpliced(3, 1)],
    ["a number twice", "INV_JOURNAL_GAP", () => tampered(() => ({ seq: 3 }), 3)],
    ["another state after", "INV_FOLD_MISMATCH", () => tampered(() => ({ to: "skipped" }), 3)],
    ["another state before", "INV_FOLD_MISMATCH", () => tampered(() => ({ from: "retrying" }), 3)],
    ["an actor that the workflow has not", "INV_FOLD_MISMATCH", () => tampered(() => ({ actor: "ghost" as StepId }), 3)],
    ["an event that the state does not know", "INV_UNHANDLED_EVENT", () => tampered(() => ({ on: "step.release" }), 3)],
    ["an event that nobody knows", "INV_UNHANDLED_EVENT", () => tampered(() => ({ on: "nobody.knows" }), 1)],
  ] as const)("of a journal with %s is refused as %s", (_, code, journal) => {
    expect(() => fold(workflow, journal())).toThrow(expect.objectContaining({ code }));
  });
});

describe("what a run still waits for", () => {
  const asked = (run: KernelRun): unknown => {
    const { inFlight, effects } = outstanding(run.workflow, run.snapshot);
    return {
      inFlight: inFlight.map(({ step, attempt, stopping }) => `${step}/${attempt} ${stopping}`),
      effects: effects.map(({ kind, id }) => `${kind} ${id}`),
    };
  };

  test("are places for those that queue and news of those that run", () => {
    const run = new KernelRun(buildWorkflow([{ id: "a" }, { id: "b" }, { id: "c" }, { id: "d", needs: ["a"] }])).create();
    run.grant("a");
    run.grant("b");
    run.lose("b");
    expect(asked(run)).toEqual({ inFlight: ["a/1 null"], effects: ["requestPermit b/permit", "requestPermit c/permit"] });
    expect(outstanding(run.workflow, run.snapshot).effects[0]).toMatchObject({ attempt: 2 });
  });

  test("are no places while it is paused, or waits for a person", () => {
    const run = new KernelRun(buildWorkflow([{ id: "a" }, { id: "b" }])).create();
    run.grant("a");
    run.pause();
    expect(asked(run)).toEqual({ inFlight: ["a/1 null"], effects: [] });
    run.send({ type: "run.quarantine", reason: "look" });
    expect(asked(run)).toEqual({ inFlight: ["a/1 null"], effects: [] });
  });

  test("is the stop that was under way", () => {
    const run = new KernelRun(buildWorkflow([{ id: "a" }])).create();
    run.grant("a");
    run.cancel();
    expect(asked(run)).toEqual({ inFlight: ["a/1 cancel"], effects: [] });
  });

  test("is its output if that was being made, and nothing once it is over", () => {
    const run = new KernelRun(buildWorkflow([], { outputSchema: {} })).create();
    expect(asked(run)).toEqual({ inFlight: [], effects: ["makeOutput output"] });
    run.send({ type: "run.finished", result: { ok: true, output: 1 } });
    expect(asked(run)).toEqual({ inFlight: [], effects: [] });
  });
});
