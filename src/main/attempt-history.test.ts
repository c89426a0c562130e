import { describe, expect, test } from "vitest";
import { KernelRun, LATE, PERMANENT, TRANSIENT } from "../../test/support/kernel-run.ts";
import { buildWorkflow, type StepSpec } from "../../test/support/workflow-builder.ts";
import { timerId } from "../kernel/timer-id.ts";
import type { StoreReader } from "../ports/store.ts";
import { type AttemptHistory, readAttemptHistories } from "./attempt-history.ts";

const started = (spec: Omit<StepSpec, "id">): KernelRun => {
  const run = new KernelRun(buildWorkflow([{ id: "a", ...spec }])).create();
  run.grant("a");
  return run;
};

/** Pages of two, so that more than one is read. */
function historyOf(run: KernelRun): AttemptHistory {
  const store = {
    entries: (_: unknown, after: number, limit: number) => run.journal.filter(({ seq }) => seq > after).slice(0, limit),
  } as unknown as StoreReader; // Nothing else of it is asked.
  const history = readAttemptHistories(store, run.snapshot.start.runId, run.workflow.steps).get("a");
  if (history === undefined) throw new Error("no history");
  return history;
}

const told = (run: KernelRun) => historyOf(run).attempts.map(({ outcome, repeated, because }) => [outcome, repeated, because]);

describe("why an attempt was repeated or not", () => {
  test("a class that the policy covers, and then no retry that is left", () => {
    const run = started({ retry: { max: 1, baseMs: 1_000, jitter: "none" } });
    run.fail("a", TRANSIENT);
    run.now += 1_000;
    run.fire(timerId({ actor: "a", kind: "backoff", attempt: 1 }));
    run.grant("a");
    run.fail("a", TRANSIENT);
    expect(told(run)).toEqual([
      ["failed", true, "`retry.on` has transient; retry 1 of 1"],
      ["failed", false, "no retry is left: 1 of 1 used"],
    ]);
    expect(historyOf(run).attempts[0]).toMatchObject({ delayMs: 1_000, failure: { code: "ECONNRESET" } });
  });

  test.each([
    ["an exit code", { exitCodes: [1], on: [] }, PERMANENT, "`retry.exit_codes` has 1; retry 1 of 1"],
    ["a status", { statuses: [404], on: [] }, { ...PERMANENT, status: 404 }, "`retry.statuses` has 404; retry 1 of 1"],
    ["a pattern", { match: "exited", on: [] }, PERMANENT, "`retry.match` (exited) fits; retry 1 of 1"],
  ] as const)("%s that the policy names", (_, retry, failure, because) => {
    const run = started({ retry: { max: 1, ...retry } });
    run.fail("a", failure);
    expect(told(run)).toEqual([["failed", true, because]]);
  });

  test.each([
    ["a step that asks for none", {}, TRANSIENT, "the step has no `retry`"],
    ["a class that is not covered", { retry: { max: 3 } }, PERMANENT, "`retry.on` has transient, timeout, not permanent"],
    ["a step that must not", { retry: { max: 3 }, sideEffect: "once" }, TRANSIENT, "`side_effect: once` forbids it"],
  ] as const)("%s", (_, spec, failure, because) => {
    const run = started(spec);
    run.fail("a", failure);
    expect(told(run)).toEqual([["failed", false, because]]);
  });

  test("a step whose engine died goes on by its crash policy", () => {
    const again = started({ onEngineCrash: "retry" });
    again.lose("a");
    expect(told(again)).toEqual([["lost", true, "`on_engine_crash: retry`"]]);
    const never = started({ onEngineCrash: "fail" });
    never.lose("a");
    expect(told(never)).toEqual([["lost", false, "`on_engine_crash: fail`"]]);
    const once = started({ sideEffect: "once" });
    once.lose("a");
    expect(told(once)).toEqual([["lost", false, "`side_effect: once` forbids it"]]);
  });

  test("what was canceled is not repeated, and what succeeded needs no reason", () => {
    const canceled = started({ retry: { max: 3 } });
    canceled.cancel();
    canceled.settle("a", { kind: "stopped" });
    expect(told(canceled)).toEqual([["stopped", false, "the run was being canceled"]]);
    const good = started({});
    good.succeed("a");
    expect(told(good)).toEqual([["succeeded", null, null]]);
  });

  test("a time-out is an attempt that ended late", () => {
    const run = started({ retry: { max: 1, jitter: "none" } });
    run.settle("a", { kind: "timed_out", failure: LATE, fallback: null });
    expect(told(run)).toEqual([["timed_out", true, "`retry.on` has timeout; retry 1 of 1"]]);
  });
});

test("a result that came while a person was being asked is told as that", () => {
  const run = started({ onEngineCrash: "quarantine" });
  run.orphan("a");
  run.succeed("a");
  expect(told(run)).toEqual([["succeeded", null, "it came while a person was being asked"]]);
});

test("an attempt that was handed back is none, and its reason stays until the next has ended", () => {
  const run = started({});
  run.settle("a", { kind: "not_started", reason: "The breaker of process is open." });
  expect(historyOf(run)).toMatchObject({ attempts: [], handback: { reason: "The breaker of process is open." } });
  run.grant("a");
  expect(historyOf(run)).toMatchObject({ attempts: [{ attempt: 1, outcome: null }], handback: { at: expect.any(Number) } });
  run.succeed("a");
  expect(historyOf(run)).toMatchObject({ attempts: [{ outcome: "succeeded" }], handback: null });
});

test("durations are those of the attempts themselves, where they told them", () => {
  const run = started({});
  const outcome = { kind: "failed", failure: PERMANENT } as const;
  run.send({
    type: "attempt.settled",
    step: run.workflow.steps[0]?.id as never,
    attempt: 1,
    outcome,
    usage: { startedAt: 1_000, endedAt: 1_250 },
  });
  expect(historyOf(run).attempts[0]).toMatchObject({ startedAt: 1_000, endedAt: 1_250, durationMs: 250 });
});
