import { describe, expect, test } from "vitest";
import { KernelRun, LATE, LOST, named, PERMANENT, STARTED_AT, TRANSIENT, told } from "../../test/support/kernel-run.ts";
import { buildWorkflow, type StepSpec } from "../../test/support/workflow-builder.ts";
import type { StepId } from "../core/ids.ts";
import type { CrashPolicy } from "../plan/workflow.ts";

/** A run of one step `a` (and what else is given) whose first attempt is executing. */
function executing(spec: Partial<StepSpec> = {}, ...others: StepSpec[]): KernelRun {
  const run = new KernelRun(buildWorkflow([{ id: "a", ...spec }, ...others])).create();
  run.grant("a");
  return run;
}

const RETRY = { max: 2, on: ["permanent"], jitter: "none", baseMs: 100 } as const;

describe("a place", () => {
  test("starts the attempt that asked for it", () => {
    const run = new KernelRun(buildWorkflow([{ id: "a", timeout: 1_000 }])).create();
    expect(named(run.effects)).toEqual(["requestPermit a/permit"]);
    const { effects, journal } = run.grant("a");
    expect(effects).toEqual([
      { kind: "startAttempt", id: "a/1", step: "a", attempt: 1, deadlineAt: STARTED_AT + 1_000 },
      { kind: "setTimer", id: "a/timeout/1", dueAt: STARTED_AT + 1_000 },
    ]);
    expect(told(journal)).toEqual(["a step.started pending.queued>running.executing"]);
  });

  test("granted again to a running attempt frees nothing and starts nothing", () => {
    const run = executing();
    expect(run.grant("a", 1)).toMatchObject({ journal: [], effects: [], refused: null });
    expect(run.grant("a", 2)).toMatchObject({ journal: [], effects: [], refused: null });
  });

  test("granted for an attempt that is not next is given back and asked for anew", () => {
    const run = new KernelRun(buildWorkflow([{ id: "a" }])).create();
    expect(named(run.grant("a", 2).effects)).toEqual(["releasePermit a/permit", "requestPermit a/permit"]);
    expect(run.step("a")).toBe("pending.queued");
  });

  test.each(["paused", "canceled", "over"])("granted when the run is %s is given back (I-25, I-27)", (how) => {
    const run = new KernelRun(buildWorkflow([{ id: "a" }])).create();
    if (how === "paused") run.pause();
    if (how === "canceled") run.cancel();
    if (how === "over") run.run("a");
    expect(run.grant("a", 1)).toMatchObject({ journal: [], effects: [{ kind: "releasePermit", id: "a/permit" }] });
  });
});

describe("a failed attempt", () => {
  test.each([
    ["fixed", [100, 100, 100]],
    ["linear", [100, 200, 300]],
    ["exponential", [100, 300, 500]],
  ] as const)("is repeated after %s delays, and fails for good after the last", (strategy, delays) => {
    const run = executing({ retry: { ...RETRY, max: 3, strategy, factor: 3, capMs: 500 } });
    for (const [index, delayMs] of delays.entries()) {
      run.now += 7;
      const { effects } = run.fail("a");
      const timer = `a/backoff/${index + 1}`;
      expect(named(effects)).toEqual([`releasePermit a/permit`, `setTimer ${timer}`]);
      expect(run.context("a")).toMatchObject({ retries: index + 1, dueAt: run.now + delayMs });
      expect(run.state).toBe("running.waiting");
      run.now += delayMs;
      expect(named(run.fire(timer).effects)).toEqual([`clearTimer ${timer}`, "requestPermit a/permit"]);
      expect(run.state).toBe("running.executing");
      expect(named(run.grant("a").effects)).toEqual([`startAttempt a/${index + 2}`]);
    }
    run.fail("a");
    expect(run.step("a")).toBe("failed");
    expect(run.state).toBe("failed");
    expect(run.snapshot.run.context.error).toEqual({ step: "a", failure: PERMANENT });
  });

  test("is put before a person after the last retry where the author wants that", () => {
    const run = executing({ retry: { ...RETRY, max: 1, onExhausted: "quarantine" } });
    run.fail("a");
    run.now += 100;
    run.fire("a/backoff/1");
    run.grant("a");
    run.fail("a");
    expect(run.step("a")).toBe("quarantined");
    expect(run.state).toBe("quarantined");
    expect(run.snapshot.run.context.reason).toBe("1 step is quarantined");
  });

  test.each([
    ["its class is covered", { on: ["transient"] }, TRANSIENT, "retrying"],
    ["its class is not covered", { on: ["timeout"] }, TRANSIENT, "failed"],
    ["its exit code is named", { on: [], exitCodes: [1] }, PERMANENT, "retrying"],
    ["another exit code is named", { on: [], exitCodes: [2] }, PERMANENT, "failed"],
    ["its status is named", { on: [], statuses: [503] }, { ...TRANSIENT, status: 503 }, "retrying"],
    ["its detail matches", { on: [], match: "reset by .*" }, { ...PERMANENT, detail: "reset by peer" }, "retrying"],
    ["its title matches where there is no detail", { on: [], match: "exited" }, PERMANENT, "retrying"],
    ["nothing matches", { on: [], match: "other" }, PERMANENT, "failed"],
    ["no retries are allowed", { max: 0, on: ["permanent"], exitCodes: [1] }, PERMANENT, "failed"],
  ] as const)("is judged by the policy: %s", (_, retry, failure, expected) => {
    const run = executing({ retry: { ...RETRY, ...retry } });
    run.fail("a", failure);
    expect(run.step("a")).toBe(expected);
  });

  test("waits as long as the other side asked, up to the cap", () => {
    const due = (retryAfterMs: number): number | null => {
      const run = executing({ retry: { ...RETRY, capMs: 5_000 } });
      run.fail("a", { ...PERMANENT, retryAfterMs });
      return (run.context("a").dueAt ?? 0) - STARTED_AT;
    };
    expect([due(50), due(2_000), due(60_000)]).toEqual([100, 2_000, 5_000]);
  });

  test("is never repeated when its effect may happen only once (I-17)", () => {
    const run = executing({ sideEffect: "once", retry: RETRY });
    run.fail("a");
    expect(run.step("a")).toBe("failed");
  });

  test("asks a person when its output breaks its schema and nobody may repeat it", () => {
    const run = executing({ sideEffect: "once", retry: RETRY });
    run.fail("a", { class: "validation", code: "OUTPUT_SCHEMA", title: "The output does not fit" });
    expect(run.step("a")).toBe("quarantined");
  });

  test("jitter spreads delays between half and all of them, and replays", () => {
    const delay = (step: string): number => {
      const run = new KernelRun(buildWorkflow([{ id: step, retry: { ...RETRY, baseMs: 10_000, jitter: "equal" } }])).create();
      run.grant(step);
      run.fail(step);
      return run.context(step).delayMs ?? 0;
    };
    const delays = Array.from({ length: 50 }, (_, index) => delay(`s${index}`));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(5_000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(10_000);
    expect(new Set(delays).size).toBeGreaterThan(40);
    expect(delay("s1")).toBe(delays[1]);
  });
});

describe("a time limit", () => {
  const outOfTime = (then: "fail" | "fallback" | "skip", retry: object = {}): KernelRun => {
    const run = executing({ timeout: { afterMs: 1_000, then }, retry }, { id: "b", needs: ["a"], join: "none_failed" });
    run.now += 1_000;
    expect(named(run.fire("a/timeout/1").effects)).toEqual(["clearTimer a/timeout/1", "stopAttempt a/1/stop"]);
    expect(run.step("a")).toBe("running.stopping");
    return run;
  };
  const settle = (run: KernelRun): string => {
    run.settle("a", { kind: "timed_out", failure: LATE, fallback: "spare" });
    return run.step("a");
  };

  test("stops the attempt, and its end decides what follows", () => {
    expect(settle(outOfTime("fail"))).toBe("failed");
    expect(settle(outOfTime("skip"))).toBe("skipped");
    const run = outOfTime("fallback");
    expect(settle(run)).toBe("succeeded");
    expect(run.context("a")).toMatchObject({ output: "spare", failure: LATE });
    expect(run.step("b")).toBe("pending.queued");
  });

  test("is retried first where the policy covers time-outs", () => {
    const run = outOfTime("skip", { max: 1, on: ["timeout"], jitter: "none", baseMs: 10 });
    expect(settle(run)).toBe("retrying");
    run.now += 10;
    run.fire("a/backoff/1");
    run.grant("a");
    run.now += 1_000;
    run.fire("a/timeout/2");
    expect(settle(run)).toBe("skipped");
  });

  test("lets an attempt that succeeded at the last moment succeed", () => {
    const run = outOfTime("fail");
    run.succeed("a", 1);
    expect(run.step("a")).toBe("succeeded");
  });

  test("an attempt that only says it was stopped has timed out", () => {
    const run = outOfTime("skip");
    run.settle("a", { kind: "stopped" });
    expect(run.step("a")).toBe("skipped");
    expect(run.context("a").failure?.code).toBe("TIMEOUT");
  });

  test("noticed by the attempt itself needs no timer", () => {
    const run = executing({ timeout: 1_000 });
    run.settle("a", { kind: "timed_out", failure: LATE, fallback: null });
    expect(run.step("a")).toBe("failed");
  });

  test("that comes early does nothing, and nothing is lost by it (I-21)", () => {
    const run = executing({ timeout: 1_000 });
    run.now += 999;
    expect(run.fire("a/timeout/1")).toMatchObject({ journal: [], effects: [] });
    run.now += 1;
    expect(run.fire("a/timeout/1").journal).toHaveLength(1);
  });

  test("of an attempt that never began is cleared under the number that it had", () => {
    const run = executing({ timeout: 1_000 });
    const { effects } = run.settle("a", { kind: "not_started", reason: "revoked" });
    expect(named(effects)).toEqual(["clearTimer a/timeout/1", "releasePermit a/permit", "requestPermit a/permit"]);
    run.now += 600;
    run.grant("a");
    run.now += 600;
    expect(run.fire("a/timeout/1").journal).toEqual([]);
    expect(run.context("a")).toMatchObject({ attempt: 1, dueAt: STARTED_AT + 1_600 });
  });
});

describe("after an engine's death", () => {
  const lose = (onEngineCrash: CrashPolicy, sideEffect: "none" | "once" = "none"): string => {
    const run = executing({ onEngineCrash, sideEffect });
    run.orphan("a");
    if (run.step("a") === "running.executing") run.lose("a");
    return run.step("a");
  };

  test("a lost attempt follows the crash policy", () => {
    expect(lose("reattach")).toBe("running.waiting");
    expect(lose("retry")).toBe("running.waiting");
    expect(lose("fail")).toBe("failed");
    expect(lose("quarantine")).toBe("quarantined");
  });

  test("a lost attempt whose effect may happen only once is never repeated (I-17)", () => {
    expect(lose("reattach", "once")).toBe("quarantined");
    expect(lose("fail", "once")).toBe("failed");
    expect(lose("quarantine", "once")).toBe("quarantined");
  });

  test("a lost attempt of a step that says `retry: never` is not repeated either; one that says nothing is (I-17)", () => {
    const never = executing({ retry: { never: true } });
    never.orphan("a");
    never.lose("a");
    expect(never.step("a")).toBe("quarantined");
    const silent = executing({ retry: { max: 0 } });
    silent.orphan("a");
    silent.lose("a");
    expect(silent.step("a")).toBe("running.waiting");
  });

  test("an attempt that says of itself that it was lost is judged like one that was", () => {
    const run = executing({ retry: { never: true } });
    run.fail("a", LOST);
    expect(run.step("a")).toBe("quarantined");
  });

  test("a lost attempt is repeated under the next number, without counting as a retry", () => {
    const run = executing({ retry: RETRY });
    run.orphan("a");
    expect(named(run.lose("a").effects)).toEqual(["releasePermit a/permit", "requestPermit a/permit"]);
    expect(named(run.grant("a").effects)).toEqual(["startAttempt a/2"]);
    expect(run.context("a")).toMatchObject({ attempt: 2, retries: 0, crashes: 1 });
  });

  test("a loss that follows it counts once", () => {
    const run = executing();
    run.orphan("a");
    run.lose("a");
    run.grant("a");
    run.orphan("a", 3);
    run.settle("a", { kind: "not_started", reason: "revoked" });
    expect(run.context("a").crashes).toBe(2);
    run.grant("a");
    expect(run.lose("a").journal[0]?.data).toMatchObject({ counted: true, repeatable: false });
    expect(run.step("a")).toBe("quarantined");
  });

  test("an attempt that never began is dispatched again under its own number", () => {
    const run = executing();
    run.orphan("a");
    run.settle("a", { kind: "not_started", reason: "revoked" });
    expect(named(run.grant("a").effects)).toEqual(["startAttempt a/1"]);
  });

  test("the third one within a step's attempts puts it before a person; others go on (I-18)", () => {
    const run = executing({}, { id: "b" });
    for (const epoch of [2, 3]) {
      run.orphan("a", epoch);
      run.lose("a");
      run.grant("a");
    }
    expect(run.context("a").crashes).toBe(2);
    expect(named(run.orphan("a", 4).effects)).toEqual(["releasePermit a/permit", "stopAttempt a/3/stop"]);
    expect(run.step("a")).toBe("quarantined");
    expect(run.state).toBe("running.executing");
    run.run("b");
    expect(run.state).toBe("quarantined");
  });

  test("an attempt under the policy `quarantine` is left alive, and its result is kept for the person", () => {
    const run = executing({ onEngineCrash: "quarantine" });
    const { effects } = run.orphan("a");
    expect(named(effects)).toEqual(["releasePermit a/permit", "complete complete"]);
    expect(told(run.succeed("a", 9).journal)).toEqual(["a attempt.ended quarantined>quarantined"]);
    expect(run.context("a").late).toMatchObject({ kind: "succeeded", output: 9 });
    expect(run.settle("a", { kind: "not_started", reason: "revoked" }).journal).toEqual([]);
  });

  test("a failure that comes to a person sets no timer", () => {
    const run = executing({ onEngineCrash: "quarantine", retry: RETRY });
    run.orphan("a");
    const { journal, effects } = run.fail("a");
    expect(effects).toEqual([]);
    expect(journal[0]?.data).not.toHaveProperty("timer");
  });

  test("is counted also for an attempt that was being stopped", () => {
    const run = executing({ timeout: 10 });
    run.now += 10;
    run.fire("a/timeout/1");
    run.orphan("a");
    expect(run.context("a").crashes).toBe(1);
    run.lose("a");
    expect(run.step("a")).toBe("running.waiting");
  });
});

describe("an attempt lost while its engine lives", () => {
  test("is repeated twice, and the third puts its step before a person with a reason (I-18)", () => {
    const run = executing();
    for (let loss = 1; loss <= 2; loss++) {
      run.lose("a");
      expect(run.step("a")).toBe("running.waiting");
      run.grant("a");
    }
    run.lose("a");
    expect(run.step("a")).toBe("quarantined");
    expect(run.context("a")).toMatchObject({
      crashes: 3,
      failure: { class: "lost", detail: expect.stringContaining("3 of its attempts") },
    });
  });

  test("fails its step where the crash policy says so", () => {
    const run = executing({ onEngineCrash: "fail" });
    run.lose("a");
    expect(run.step("a")).toBe("failed");
  });

  test("counts together with engines that die", () => {
    const run = executing();
    run.lose("a");
    run.grant("a");
    run.lose("a");
    run.grant("a");
    run.orphan("a");
    expect(run.step("a")).toBe("quarantined");
  });

  test("with a clean end of that engine is no fault of the step", () => {
    const run = executing();
    for (let end = 0; end < 5; end++) {
      run.settle("a", { kind: "lost", reason: "suspended", failure: LOST, withEngine: true });
      expect(run.step("a")).toBe("running.waiting");
      run.grant("a");
    }
    expect(run.context("a").crashes).toBe(0);
  });

  test("is counted anew after a person released its step", () => {
    const run = executing();
    for (let loss = 0; loss < 3; loss++) {
      run.lose("a");
      if (loss < 2) run.grant("a");
    }
    run.release("a");
    run.grant("a");
    run.lose("a");
    expect(run.step("a")).toBe("running.waiting");
  });
});

describe("what is stale changes nothing (F-35)", () => {
  test("the result of an attempt before the current one", () => {
    const run = executing({ retry: { ...RETRY, baseMs: 0 } });
    run.fail("a");
    run.fire("a/backoff/1");
    run.grant("a");
    expect(run.settle("a", { kind: "succeeded", output: 1 }, 1)).toMatchObject({ journal: [], effects: [], refused: null });
    expect(run.step("a")).toBe("running.executing");
  });

  test("a second result, an unknown timer, a timer of another attempt, orphans and progress of the past", () => {
    const run = executing({ retry: { ...RETRY, baseMs: 50 }, timeout: 10_000 }, { id: "b" });
    run.fail("a");
    run.now += 50;
    const stale = [
      run.fail("a"),
      run.succeed("a"),
      run.fire("a/timeout/1"),
      run.fire("a/backoff/7"),
      run.fire("a/whatever/1"),
      run.fire("nonsense"),
      run.fire("run/limit/0"),
      run.orphan("a"),
      run.send({ type: "attempt.progress", step: "a" as StepId, attempt: 1, data: {} }),
      run.send({ type: "attempt.progress", step: "a" as StepId, attempt: 9, data: {} }),
      run.send({ type: "run.finished", result: { ok: true, output: 1 } }),
    ];
    for (const decision of stale) expect(decision).toMatchObject({ journal: [], effects: [], refused: null });
    expect(run.fire("a/backoff/1").journal).toHaveLength(1);
  });

  test("a step that the workflow does not have is refused by name", () => {
    const run = executing();
    const ghost = "ghost" as StepId;
    const refusals = [
      run.send({ type: "permit.granted", step: ghost, attempt: 1 }),
      run.settle(ghost, { kind: "stopped" }, 1),
      run.send({ type: "attempt.progress", step: ghost, attempt: 1, data: {} }),
      run.fire("ghost/backoff/1"),
      run.send({ type: "step.release", step: ghost, by: "ada" }),
    ];
    for (const { refused, journal } of refusals) {
      expect(refused?.code).toBe("STEP_NOT_FOUND");
      expect(journal).toEqual([]);
    }
  });
});

describe("an executing attempt", () => {
  test("reports progress, which is recorded and seen", () => {
    const run = executing();
    const { journal } = run.send({ type: "attempt.progress", step: "a" as StepId, attempt: 1, data: { lines: 3 } });
    expect(told(journal)).toEqual(["a step.progress running.executing>running.executing"]);
    expect(run.context("a").progress).toEqual({ lines: 3 });
  });

  test("that stops without being asked has failed, so that nothing is taken for canceled that was not", () => {
    const run = executing();
    run.settle("a", { kind: "stopped" });
    expect(run.step("a")).toBe("failed");
    expect(run.context("a").failure).toMatchObject({ class: "canceled", code: "STOPPED" });
  });
});
