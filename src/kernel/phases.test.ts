import { describe, expect, test } from "vitest";
import { parseExpression } from "../../grammar/parse.ts";
import { KernelRun, named, PERMANENT } from "../../test/support/kernel-run.ts";
import { buildWorkflow, type StepSpec } from "../../test/support/workflow-builder.ts";
import type { Field } from "../plan/field.ts";
import type { CatchMatch, CatchRule } from "../plan/step-policies.ts";
import { fold } from "./fold.ts";

const anything: CatchMatch = { classes: null, codes: null, tools: null, statuses: null, when: null };
const rule = (action: CatchRule["action"], match: Partial<CatchMatch> = {}): CatchRule => ({ match: { ...anything, ...match }, action });
const when = (source: string): CatchMatch["when"] => ({
  kind: "condition",
  expression: parseExpression(source),
  source,
  place: { file: "sample.troupe.yaml", line: 1, column: 1 },
});

/** Two steps in a row, each with its compensation, and a last step. */
const SPECS: readonly StepSpec[] = [
  { id: "book" },
  { id: "pay", needs: ["book"] },
  { id: "send", needs: ["pay"] },
  { id: "book_undo", phase: { kind: "compensation", of: 0 } },
  { id: "pay_undo", phase: { kind: "compensation", of: 1 } },
  { id: "send_undo", phase: { kind: "compensation", of: 2 } },
  { id: "tell", phase: { kind: "finally" } },
];
const started = (specs = SPECS): KernelRun => new KernelRun(buildWorkflow(specs)).create();

describe("compensation", () => {
  test("runs for recorded successes only, the newest first, one at a time, and then the run has failed (I-26)", () => {
    const run = started().run("book", "pay");
    run.grant("send");
    run.fail("send");
    expect([run.state, run.step("pay_undo"), run.step("book_undo"), run.step("send_undo")]).toEqual([
      "running.compensating",
      "pending.queued",
      "pending.blocked",
      "skipped",
    ]);
    run.run("pay_undo");
    expect(run.step("book_undo")).toBe("pending.queued");
    run.run("book_undo");
    expect([run.state, run.step("tell")]).toEqual(["running.concluding", "pending.queued"]);
    run.run("tell");
    expect(run.state).toBe("failed");
    expect(run.snapshot.run.context.error).toMatchObject({ step: "send", failure: PERMANENT });
    expect(fold(run.workflow, run.journal)).toEqual(run.snapshot);
  });

  test("runs after a cancel, and the run ends canceled", () => {
    const run = started().run("book");
    run.grant("pay");
    run.cancel();
    expect(run.state).toBe("running.canceling");
    run.settle("pay", { kind: "stopped" });
    expect([run.state, run.step("book_undo")]).toEqual(["running.compensating", "pending.queued"]);
    run.run("book_undo", "tell");
    expect(run.state).toBe("canceled");
  });

  test("that fails asks a person, and goes on after the release (I-26)", () => {
    const run = started().run("book");
    run.grant("pay");
    run.fail("pay");
    run.grant("book_undo");
    run.fail("book_undo");
    expect([run.state, run.step("book_undo")]).toEqual(["quarantined", "quarantined"]);
    run.release("book_undo");
    expect(run.state).toBe("running.compensating");
    run.run("book_undo", "tell");
    expect(run.state).toBe("failed");
  });

  test("is not broken off by a cancel or the time limit", () => {
    const run = new KernelRun(buildWorkflow(SPECS, { timeoutMs: 1_000 })).create().run("book");
    run.grant("pay");
    run.fail("pay");
    run.now += 5_000;
    run.fire("run/limit/0");
    run.cancel();
    expect([run.state, run.step("book_undo")]).toEqual(["running.compensating", "pending.queued"]);
    run.run("book_undo", "tell");
    expect(run.state).toBe("canceled");
  });

  test("is skipped where the run succeeds, and so is nothing else", () => {
    const run = started().run("book", "pay", "send");
    expect([run.step("book_undo"), run.step("tell"), run.state]).toEqual(["skipped", "pending.queued", "running.concluding"]);
    run.run("tell");
    expect(run.state).toBe("succeeded");
  });
});

describe("the steps of `finally`", () => {
  const specs: readonly StepSpec[] = [
    { id: "work" },
    { id: "clean", phase: { kind: "finally" } },
    { id: "report", needs: ["clean"], phase: { kind: "finally" } },
  ];

  test("do not begin before the others have ended", () => {
    const run = started(specs);
    expect(named(run.effects)).toEqual(["requestPermit work/permit"]);
  });

  test("run in the order of their needs, and fail the run when one of them fails", () => {
    const run = started(specs).run("work");
    expect([run.step("clean"), run.step("report")]).toEqual(["pending.queued", "pending.blocked"]);
    run.run("clean");
    run.grant("report");
    run.fail("report");
    expect(run.state).toBe("failed");
    expect(run.snapshot.run.context.error).toMatchObject({ step: "report" });
  });

  test("run when the run's output could not be made, and keep it when it could", () => {
    const workflow = buildWorkflow(specs, { output: {} });
    const lost = new KernelRun(workflow).create().run("work");
    lost.send({ type: "run.finished", result: { ok: false, failure: PERMANENT } });
    expect(lost.state).toBe("running.concluding");
    lost.run("clean", "report");
    expect(lost.state).toBe("failed");
    const kept = new KernelRun(workflow).create().run("work");
    kept.send({ type: "run.finished", result: { ok: true, output: { n: 1 } } });
    kept.run("clean", "report");
    expect([kept.state, kept.snapshot.run.context.output]).toEqual(["succeeded", { n: 1 }]);
  });

  test("run although the run is canceled while its output is made", () => {
    const run = new KernelRun(buildWorkflow(specs, { output: {} })).create().run("work");
    run.cancel();
    expect(run.state).toBe("running.concluding");
    run.run("clean", "report");
    expect([run.state, run.snapshot.run.context.canceledBy]).toEqual(["canceled", "ada"]);
  });
});

describe("catch", () => {
  const literal = (value: number): Field => ({ kind: "literal", value });
  const caughtRun = (catches: readonly CatchRule[], more: readonly StepSpec[] = []): KernelRun => {
    const run = started([{ id: "risky", catches }, ...more]);
    run.grant("risky");
    run.fail("risky");
    return run;
  };

  test("skips, gives a value, or lets it fail; the first rule that matches wins", () => {
    expect(caughtRun([rule({ kind: "skip" })]).step("risky")).toBe("skipped");
    const given = caughtRun([rule({ kind: "skip" }, { codes: ["OTHER"] }), rule({ kind: "fallback", value: literal(7) })]);
    expect([given.step("risky"), given.context("risky").output, given.context("risky").caught, given.state]).toEqual([
      "succeeded",
      7,
      1,
      "succeeded",
    ]);
    expect(caughtRun([rule({ kind: "fail" }), rule({ kind: "skip" })]).step("risky")).toBe("failed");
  });

  test("matches by class, code, status and a condition on the error", () => {
    const skip = { kind: "skip" } as const;
    const state = (match: Partial<CatchMatch>): string => caughtRun([rule(skip, match)]).step("risky");
    expect(state({ classes: ["permanent"] })).toBe("skipped");
    expect(state({ classes: ["transient"] })).toBe("failed");
    expect(state({ statuses: [500] })).toBe("failed");
    expect(state({ tools: ["codex"] })).toBe("failed");
    expect(state({ when: when("error.code == 'EXIT_CODE'") })).toBe("skipped");
    expect(state({ when: when("error.nothing > 1") })).toBe("failed");
  });

  test("waits for the last retry", () => {
    const run = started([{ id: "risky", catches: [rule({ kind: "skip" })], retry: { max: 1, baseMs: 0, on: ["permanent"] } }]);
    run.grant("risky");
    run.fail("risky");
    expect(run.step("risky")).toBe("retrying");
  });

  const handled: readonly StepSpec[] = [
    { id: "fix", needs: ["risky"], phase: { kind: "handler", of: 0, rule: 0 } },
    { id: "check", needs: ["fix"], phase: { kind: "handler", of: 0, rule: 0 } },
    { id: "next", needs: ["risky", "fix", "check"], join: "none_failed" },
  ];

  test("hands over to its steps; the run succeeds when they do", () => {
    const run = caughtRun([rule({ kind: "handle", steps: [1, 2] })], handled);
    expect([run.step("risky"), run.step("fix"), run.step("next")]).toEqual(["skipped", "pending.queued", "pending.blocked"]);
    run.run("fix", "check", "next");
    expect(run.state).toBe("succeeded");
  });

  test("fails the run when its steps fail", () => {
    const run = caughtRun([rule({ kind: "handle", steps: [1, 2] })], handled);
    run.grant("fix");
    run.fail("fix");
    expect([run.state, run.snapshot.run.context.error?.step]).toEqual(["failed", "fix"]);
  });

  test("skips its steps where nothing failed, and holds nobody up by that", () => {
    const run = started([{ id: "risky", catches: [rule({ kind: "handle", steps: [1, 2] })] }, ...handled]).run("risky");
    expect([run.step("fix"), run.step("check"), run.step("next")]).toEqual(["skipped", "skipped", "pending.queued"]);
  });
});
