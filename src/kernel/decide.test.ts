import { describe, expect, test } from "vitest";
import { parseExpression } from "../../grammar/parse.ts";
import { KernelRun, named, PERMANENT, runStart, STARTED_AT, told } from "../../test/support/kernel-run.ts";
import { buildWorkflow, type StepSpec, type WorkflowSpec } from "../../test/support/workflow-builder.ts";
import type { CauseId, RunId, StepId } from "../core/ids.ts";
import type { Field } from "../plan/field.ts";
import type { Cause } from "./cause.ts";
import { decide } from "./decide.ts";
import { fold } from "./fold.ts";
import { RECENT_CAUSES } from "./snapshot.ts";

const started = (specs: StepSpec[], workflow: WorkflowSpec = {}): KernelRun => new KernelRun(buildWorkflow(specs, workflow)).create();
const OUTPUT = { sum: null as unknown as Field }; // The kernel only asks whether there is an output.
const QUARANTINES = { max: 1, on: ["permanent"], jitter: "none", baseMs: 0, onExhausted: "quarantine" } as const;

/** A run with step `a` before a person and `b` behind it. */
function quarantined(...others: StepSpec[]): KernelRun {
  const run = started([{ id: "a", retry: QUARANTINES }, { id: "b", needs: ["a"] }, ...others]);
  run.grant("a");
  run.fail("a");
  run.fire("a/backoff/1");
  run.grant("a");
  run.fail("a");
  return run;
}

describe("a run", () => {
  test("is created, started and asks for places in one decision", () => {
    const run = started([
      { id: "a", priority: 2 },
      { id: "b", needs: ["a"] },
    ]);
    expect(told(run.journal)).toEqual([
      "run run.created >pending",
      "run run.started pending>running.executing",
      "a step.ready pending.blocked>pending.queued",
    ]);
    expect(run.effects).toEqual([{ kind: "requestPermit", id: "a/permit", step: "a", attempt: 1, priority: 2 }]);
    expect(run.journal[0]?.data).toMatchObject({ stepsTotal: 2, start: { workflow: "sample" } });
  });

  test("without steps succeeds at once", () => {
    expect(started([]).state).toBe("succeeded");
  });

  test("is created once", () => {
    const run = started([{ id: "a" }]);
    expect(run.send({ type: "run.create", start: runStart() })).toMatchObject({ journal: [], effects: [], refused: null });
  });

  test("succeeds when its steps have, and says so last", () => {
    const run = started([{ id: "a" }]);
    expect(named(run.run("a").effects.slice(-2))).toEqual(["releasePermit a/permit", "complete complete"]);
    expect(run.effects.at(-1)).toMatchObject({ state: "succeeded" });
  });

  test("makes its output when it has one, and ends as that goes", () => {
    const finishing = (): KernelRun => started([{ id: "a" }], { output: OUTPUT }).run("a");
    expect(finishing().state).toBe("running.finishing");
    expect(named(finishing().effects)).toContain("makeOutput output");
    const good = finishing();
    good.send({ type: "run.finished", result: { ok: true, output: { sum: 3 } } });
    expect(good.snapshot.run.context.output).toEqual({ sum: 3 });
    const bad = finishing();
    bad.send({ type: "run.finished", result: { ok: false, failure: PERMANENT } });
    expect(bad.snapshot.run.context.error).toEqual({ step: null, failure: PERMANENT });
    const canceled = finishing();
    canceled.cancel();
    expect([good.state, bad.state, canceled.state]).toEqual(["succeeded", "failed", "canceled"]);
  });

  test("takes over results of an earlier run and goes on behind them", () => {
    const run = new KernelRun(buildWorkflow([{ id: "a" }, { id: "b" }, { id: "c", needs: ["a", "b"], join: "none_failed" }])).create({
      parent: { runId: "run_before" as RunId, relation: "retry", from: null },
      carried: [
        { step: "a" as StepId, state: "succeeded", output: { n: 1 }, reason: null, attempt: 3 },
        { step: "b" as StepId, state: "skipped", output: null, reason: "its condition was false", attempt: 0 },
        { step: "gone" as StepId, state: "succeeded", output: null, reason: null, attempt: 1 },
        { step: "a" as StepId, state: "skipped", output: null, reason: null, attempt: 1 },
      ],
    });
    expect(run.steps()).toEqual({ a: "succeeded", b: "skipped", c: "pending.queued" });
    expect(run.context("a")).toMatchObject({ attempt: 3, output: { n: 1 } });
    expect(told(run.journal).slice(2, 4)).toEqual([
      "a step.cached pending.blocked>running.waiting",
      "a step.succeeded running.waiting>succeeded",
    ]);
    expect(run.effects.filter(({ kind }) => kind === "startAttempt")).toEqual([]);
    expect(run.run("c").state).toBe("succeeded");
  });

  test("carried without a word says why it was skipped", () => {
    const run = new KernelRun(buildWorkflow([{ id: "a" }])).create({
      carried: [{ step: "a" as StepId, state: "skipped", output: null, reason: null, attempt: 0 }],
    });
    expect(run.context("a").skipped).toEqual({ kind: "carried", text: "it was skipped in the run before" });
    expect(run.state).toBe("succeeded");
  });

  test("reports progress when it grew and the last report is a second old", () => {
    const run = started(["a", "b", "c", "d"].map((id) => ({ id })));
    const reports = (): number => run.journal.filter(({ type }) => type === "run.progress").length;
    run.now += 999;
    run.run("a");
    expect(reports()).toBe(0);
    run.now += 1;
    run.grant("b");
    expect(run.snapshot.run.context.progress).toEqual({ done: 1, total: 4, percent: 25 });
    run.succeed("b");
    expect(reports()).toBe(1);
    run.now += 1_000;
    run.grant("c");
    expect(run.snapshot.run.context.progress).toMatchObject({ percent: 50 });
  });
});

describe("a pause", () => {
  test("takes requests back, lets attempts end and starts none (I-27)", () => {
    const run = started([{ id: "a" }, { id: "b" }, { id: "c", needs: ["a"] }]);
    run.grant("a");
    expect(named(run.pause().effects)).toEqual(["releasePermit b/permit"]);
    run.grant("b");
    run.succeed("a");
    expect(run.steps()).toEqual({ a: "succeeded", b: "pending.queued", c: "pending.queued" });
    expect(run.state).toBe("running.paused");
    expect(named(run.resume().effects)).toEqual(["requestPermit b/permit", "requestPermit c/permit"]);
    expect(run.run("b", "c").state).toBe("succeeded");
  });

  test("twice is once, and so is a resume", () => {
    const run = started([{ id: "a" }]);
    run.pause();
    expect(run.pause()).toMatchObject({ journal: [], refused: null });
    run.resume();
    expect(run.resume()).toMatchObject({ journal: [], refused: null });
  });

  test("does not keep a run from ending when its last attempt does", () => {
    const run = started([{ id: "a" }]);
    run.grant("a");
    run.pause();
    run.succeed("a");
    expect(run.state).toBe("succeeded");
  });

  test("holds over a retry timer, which is not lost", () => {
    const run = started([{ id: "a", retry: { ...QUARANTINES, baseMs: 10 } }]);
    run.grant("a");
    run.fail("a");
    run.pause();
    run.now += 10;
    run.fire("a/backoff/1");
    run.grant("a");
    expect(run.step("a")).toBe("running.waiting");
    run.resume();
    run.grant("a");
    expect(run.step("a")).toBe("running.executing");
  });

  test("with nothing but quarantined steps left ends in quarantine at its resume", () => {
    const run = started([{ id: "a", retry: QUARANTINES }]);
    run.grant("a");
    run.fail("a");
    run.fire("a/backoff/1");
    run.grant("a");
    run.pause();
    run.fail("a");
    expect(run.state).toBe("running.paused");
    run.resume();
    expect(run.state).toBe("quarantined");
  });

  test("of a run that does not run is refused", () => {
    const canceling = started([{ id: "a" }]);
    canceling.grant("a");
    canceling.cancel();
    const over = started([{ id: "a" }]).run("a");
    expect([canceling.pause().refused?.code, over.pause().refused?.code]).toEqual(["RUN_NOT_RUNNING", "RUN_NOT_RUNNING"]);
    expect([canceling.resume().refused?.code, over.resume().refused?.code]).toEqual(["RUN_NOT_PAUSED", "RUN_ALREADY_FINISHED"]);
  });
});

describe("a cancel", () => {
  test("stops what runs, ends the rest at once, and starts nothing more (I-25)", () => {
    const run = started([{ id: "a" }, { id: "b" }, { id: "c", needs: ["a"] }, { id: "d", retry: { ...QUARANTINES, baseMs: 9 } }]);
    run.grant("a");
    run.grant("d");
    run.fail("d");
    const { effects } = run.cancel();
    expect(named(effects)).toEqual(["stopAttempt a/1/stop", "releasePermit b/permit", "releasePermit c/permit", "clearTimer d/backoff/1"]);
    expect(run.steps()).toEqual({ a: "running.stopping", b: "canceled", c: "canceled", d: "canceled" });
    expect(run.state).toBe("running.canceling");
    run.settle("a", { kind: "stopped" });
    expect(run.state).toBe("canceled");
  });

  test.each(["succeed", "fail", "lose", "not_started"] as const)("against %s: whichever commits first wins (I-25)", (how) => {
    const end = (run: KernelRun): void => {
      if (how === "not_started") run.settle("a", { kind: "not_started", reason: "revoked" });
      else run[how]("a");
    };
    const cancelFirst = started([{ id: "a", retry: QUARANTINES }]);
    cancelFirst.grant("a");
    cancelFirst.cancel();
    end(cancelFirst);
    expect([cancelFirst.step("a"), cancelFirst.state]).toEqual(["canceled", "canceled"]);
    const endFirst = started([{ id: "a" }]);
    endFirst.grant("a");
    end(endFirst);
    const before = endFirst.state;
    const { refused } = endFirst.cancel();
    if (how === "succeed" || how === "fail") {
      expect([before, refused?.code]).toEqual([how === "succeed" ? "succeeded" : "failed", "RUN_ALREADY_FINISHED"]);
    } else {
      expect(endFirst.state).toBe("canceled");
    }
  });

  test("twice is once while it is going on, and refused afterwards", () => {
    const run = started([{ id: "a" }]);
    run.grant("a");
    run.cancel();
    expect(run.cancel()).toMatchObject({ journal: [], refused: null });
    run.settle("a", { kind: "stopped" });
    expect(run.cancel().refused?.code).toBe("RUN_ALREADY_FINISHED");
  });

  test("is not overtaken by a time limit, and the limit's timer is gone", () => {
    const run = started([{ id: "a" }], { timeoutMs: 1_000 });
    run.grant("a");
    run.cancel();
    run.now += 1_000;
    expect(run.fire("run/limit/0").journal).toEqual([]);
    run.settle("a", { kind: "stopped" });
    expect(run.state).toBe("canceled");
    expect(run.journal.find(({ on }) => on === "run.cancel")?.data.dueAt).toBeNull();
  });

  test("reaches steps that wait for a person", () => {
    const run = quarantined({ id: "c" });
    run.grant("c");
    run.cancel();
    expect(run.steps()).toEqual({ a: "canceled", b: "canceled", c: "running.stopping" });
    const atRest = quarantined();
    atRest.cancel();
    expect(atRest.state).toBe("canceled");
  });

  test("goes on after a fault in the middle of it", () => {
    const run = started([{ id: "a" }]);
    run.grant("a");
    run.cancel();
    run.send({ type: "run.quarantine", reason: "a person asked" });
    run.resume();
    expect(run.state).toBe("running.canceling");
    run.settle("a", { kind: "stopped" });
    expect(run.state).toBe("canceled");
  });
});

describe("a run's time limit", () => {
  test("is a timer from the start, and is cleared at the end", () => {
    const run = started([{ id: "a" }], { timeoutMs: 1_000 });
    expect(run.effects[0]).toEqual({ kind: "setTimer", id: "run/limit/0", dueAt: STARTED_AT + 1_000 });
    expect(named(run.run("a").effects)).toContain("clearTimer run/limit/0");
  });

  test("begins anew when a person leads the run on", () => {
    const run = started([{ id: "a" }], { timeoutMs: 1_000 });
    run.grant("a");
    run.send({ type: "run.quarantine", reason: "a person asked" });
    run.now += 5_000;
    expect(run.resume().effects).toContainEqual({ kind: "setTimer", id: "run/limit/0", dueAt: run.now + 1_000 });
    run.now += 1_000;
    run.fire("run/limit/0");
    expect(run.state).toBe("running.canceling");
  });

  test("stops everything and fails the run", () => {
    const run = started([{ id: "a" }, { id: "b" }], { timeoutMs: 1_000 });
    run.grant("a");
    run.now += 1_000;
    run.fire("run/limit/0");
    expect([run.state, run.step("a"), run.step("b")]).toEqual(["running.canceling", "running.stopping", "canceled"]);
    expect(run.journal.find(({ type }) => type === "run.timed_out")?.data).toEqual({ dueAt: null });
    expect(run.fire("run/limit/0").journal).toEqual([]);
    run.settle("a", { kind: "stopped" });
    expect(run.state).toBe("failed");
    expect(run.snapshot.run.context.error?.failure).toMatchObject({ class: "timeout", code: "RUN_TIMEOUT" });
  });

  test("holds while the run is paused or makes its output", () => {
    const paused = started([{ id: "a" }], { timeoutMs: 1_000 });
    paused.pause();
    const finishing = started([{ id: "a" }], { timeoutMs: 1_000, output: OUTPUT }).run("a");
    for (const run of [paused, finishing]) {
      run.now += 1_000;
      run.fire("run/limit/0");
      expect(run.state).toBe("failed");
    }
    expect(finishing.send({ type: "run.finished", result: { ok: true, output: 1 } }).journal).toEqual([]);
  });
});

describe("a step that waits for a person (I-19)", () => {
  test("holds back only those behind it, and the run rests when nothing else is left", () => {
    const run = quarantined({ id: "c" });
    expect([run.state, run.step("b")]).toEqual(["running.executing", "pending.blocked"]);
    run.run("c");
    expect(run.state).toBe("quarantined");
    expect(run.effects.at(-1)).toEqual({ kind: "complete", id: "complete", state: "quarantined" });
  });

  test("goes on as the person says", () => {
    const by = { step: "a" as StepId, by: "ada" };
    const released = quarantined();
    released.release("a");
    expect([released.step("a"), released.context("a").retries, released.state]).toEqual(["pending.queued", 0, "running.executing"]);
    expect(released.run("a", "b").state).toBe("succeeded");

    const skipped = quarantined();
    skipped.send({ type: "step.skip", ...by, reason: null });
    expect(skipped.context("a").skipped).toEqual({ kind: "person", text: "ada skipped it", by: "ada" });
    expect([skipped.step("b"), skipped.state]).toEqual(["skipped", "succeeded"]);

    const overridden = quarantined();
    overridden.send({ type: "step.override", ...by, output: { n: 5 } });
    expect([overridden.context("a").output, overridden.step("b")]).toEqual([{ n: 5 }, "pending.queued"]);

    const failed = quarantined();
    failed.send({ type: "step.fail", ...by, reason: "hopeless" });
    expect([failed.step("a"), failed.state]).toEqual(["failed", "failed"]);
    expect(failed.context("a").failure).toMatchObject({ code: "FAILED_BY_PERSON", detail: "hopeless" });
  });

  test("released while others run does not disturb them", () => {
    const run = quarantined({ id: "c" });
    run.grant("c");
    expect(named(run.release("a").effects)).toEqual(["stopAttempt a/2/stop", "requestPermit a/permit"]);
    expect(run.run("a").step("b")).toBe("pending.queued");
  });

  test("a resume of the run asks again for all that stood in the queue", () => {
    const run = started([{ id: "a" }, { id: "b" }]);
    run.grant("a");
    run.send({ type: "run.quarantine", reason: "a person asked" });
    run.succeed("a");
    expect(run.grant("b").journal).toEqual([]);
    expect(named(run.resume().effects)).toEqual(["requestPermit b/permit"]);
    expect(run.run("b").state).toBe("succeeded");
  });

  test("with two of them the run says so", () => {
    const run = started([
      { id: "a", onEngineCrash: "quarantine" },
      { id: "b", onEngineCrash: "quarantine" },
    ]);
    for (const id of ["a", "b"]) run.grant(id);
    for (const id of ["a", "b"]) run.orphan(id);
    expect(run.snapshot.run.context.reason).toBe("2 steps are quarantined");
  });

  test("words about a step that does not wait for a person are refused", () => {
    const run = started([{ id: "a" }]);
    expect(run.release("a").refused?.code).toBe("STEP_NOT_QUARANTINED");
    run.run("a");
    expect(run.release("a").refused?.code).toBe("RUN_ALREADY_FINISHED");
    expect(run.send({ type: "run.quarantine", reason: "late" }).journal).toEqual([]);
  });
});

describe("a cause", () => {
  test("decided twice changes nothing the second time (K2)", () => {
    const run = started([{ id: "a" }]);
    run.send({ type: "permit.granted", step: "a" as StepId, attempt: 1 }, "permit:1");
    const before = run.snapshot;
    expect(run.send({ type: "permit.granted", step: "a" as StepId, attempt: 1 }, "permit:1")).toMatchObject({ journal: [], effects: [] });
    expect(run.snapshot).toBe(before);
  });

  test("is remembered over many others, in bounded memory", () => {
    const run = started(Array.from({ length: 60 }, (_, index) => ({ id: `s${index}` })));
    for (let index = 0; index < 50; index++) run.grant(`s${index}`);
    expect(run.snapshot.recentCauses).toHaveLength(RECENT_CAUSES);
  });

  test("for a run that does not exist is refused", () => {
    const cause: Cause = { id: "c" as CauseId, at: 1, event: { type: "run.cancel", by: "ada", reason: null } };
    expect(decide(buildWorkflow([]), null, cause, 1)).toMatchObject({ snapshot: null, journal: [], refused: { code: "INV_NO_RUN" } });
  });
});

describe("a fault of ours (K1)", () => {
  const place = { file: "sample.troupe.yaml", line: 1, column: 1 };
  const reads: StepSpec = {
    id: "b",
    needs: ["a"],
    when: { expression: parseExpression("steps.a.output.n == 1"), source: "steps.a.output.n == 1", place },
  };
  const blob = { $blob: "a".repeat(64), bytes: 70_000 };

  test("puts the run before a person, keeps the result that led to it, and a release tries again", () => {
    let isBroken = true;
    const run = new KernelRun(buildWorkflow([{ id: "a" }, reads]), () => {
      if (isBroken) throw new RangeError("disk gone");
      return { n: 1 };
    }).create();
    run.grant("a");
    const { refused } = run.succeed("a", blob);
    expect(refused?.code).toBe("INV_KERNEL");
    expect(told(run.journal.slice(-2))).toEqual([
      "a step.succeeded running.executing>succeeded",
      "run run.quarantined running.executing>quarantined",
    ]);
    expect(run.snapshot.run.context.reason).toBe("INV_KERNEL: The kernel failed: disk gone.");
    run.resume();
    expect(run.state).toBe("quarantined");
    isBroken = false;
    run.resume();
    expect([run.state, run.step("b")]).toEqual(["running.executing", "pending.queued"]);
    expect(fold(run.workflow, run.journal)).toEqual(run.snapshot);
  });

  test("a value that cannot be loaded is our fault, not the author's", () => {
    const run = started([{ id: "a" }, reads]);
    run.grant("a");
    expect(run.succeed("a", blob).refused?.code).toBe("INV_BLOB_UNAVAILABLE");
    expect([run.state, run.step("b")]).toEqual(["quarantined", "pending.blocked"]);
  });

  test("at the very start leaves no run behind", () => {
    const run = new KernelRun(buildWorkflow([{ id: "b", when: { expression: parseExpression("input.n == 1"), source: "", place } }]));
    expect(run.send({ type: "run.create", start: runStart({ input: blob }) })).toMatchObject({
      snapshot: null,
      journal: [],
      refused: { code: "INV_BLOB_UNAVAILABLE" },
    });
  });

  test("in the cause itself drops it whole", () => {
    const run = started([{ id: "a" }]);
    run.grant("a");
    // A runner that answers what no runner may.
    const refused = run.send({ type: "attempt.settled", step: "a" as StepId, attempt: 1, outcome: null as never, usage: null }).refused;
    expect(refused?.code).toBe("INV_KERNEL");
    expect([run.state, run.step("a")]).toEqual(["quarantined", "running.executing"]);
  });

  test("when the run is over or waits for a person already is only reported", () => {
    const run = started([{ id: "a" }]);
    run.grant("a");
    run.send({ type: "run.quarantine", reason: "look" });
    const broken = run.send({ type: "attempt.settled", step: "a" as StepId, attempt: 1, outcome: null as never, usage: null });
    expect(broken).toMatchObject({ journal: [], refused: { code: "INV_KERNEL" } });
  });
});
