import { describe, expect, test } from "vitest";
import { parseExpression } from "../../grammar/parse.ts";
import { KernelRun, PERMANENT } from "../../test/support/kernel-run.ts";
import { buildWorkflow, type StepSpec } from "../../test/support/workflow-builder.ts";
import type { Digest } from "../core/ids.ts";
import type { CompiledStep, Join } from "../plan/workflow.ts";
import { JOINS } from "../plan/workflow.ts";

function when(source: string): CompiledStep["when"] {
  return { expression: parseExpression(source), source, place: { file: "sample.troupe.yaml", line: 1, column: 1 } };
}

function started(...specs: StepSpec[]): KernelRun {
  return new KernelRun(buildWorkflow(specs)).create();
}

/** Ends step by step as told: `ok`, `bad`, or `skip` (by a false condition, so it is over at the start). */
function ended(join: Join, first: string, second: string, optional = false): KernelRun {
  const spec = (id: string, how: string): StepSpec => ({ id, optional, ...(how === "skip" && { when: when("false") }) });
  const run = started(spec("a", first), spec("b", second), { id: "c", needs: ["a", "b"], join });
  for (const [id, how] of [
    ["a", first],
    ["b", second],
  ] as const) {
    if (how === "skip") continue;
    run.grant(id);
    if (how === "ok") run.succeed(id);
    else run.fail(id);
  }
  return run;
}

describe("a join", () => {
  const READY = "pending.queued";
  // [ends of a and b] -> what becomes of c under all_success, all_done, any_success, none_failed
  test.each([
    ["ok", "ok", false, [READY, READY, READY, READY]],
    ["ok", "bad", false, ["skipped", READY, READY, "skipped"]],
    ["bad", "ok", false, ["skipped", READY, READY, "skipped"]],
    ["ok", "skip", false, ["skipped", READY, READY, READY]],
    ["bad", "bad", false, ["skipped", READY, "skipped", "skipped"]],
    ["skip", "skip", false, ["skipped", READY, "skipped", READY]],
    ["ok", "bad", true, ["skipped", READY, READY, READY]],
    ["bad", "bad", true, ["skipped", READY, "skipped", READY]],
  ] as const)("after %s and %s (optional: %s) decides by its kind", (first, second, optional, expected) => {
    expect(JOINS.map((join) => ended(join, first, second, optional).step("c"))).toEqual(expected);
  });

  test("waits for every step it needs, save any_success, which goes on with the first that succeeds", () => {
    const states = JOINS.map((join) => {
      const run = started({ id: "a" }, { id: "b" }, { id: "c", needs: ["a", "b"], join });
      return run.run("a").step("c");
    });
    expect(states).toEqual(["pending.blocked", "pending.blocked", "pending.queued", "pending.blocked"]);
  });

  test("any_success waits on when the first has failed", () => {
    const run = started({ id: "a" }, { id: "b" }, { id: "c", needs: ["a", "b"], join: "any_success" });
    run.grant("a");
    run.fail("a");
    expect(run.step("c")).toBe("pending.blocked");
    expect(run.run("b").step("c")).toBe("pending.queued");
  });

  test("any_success is not asked twice when the second succeeds as well", () => {
    const run = started({ id: "a" }, { id: "b" }, { id: "c", needs: ["a", "b"], join: "any_success" });
    run.run("a", "c", "b");
    expect(run.state).toBe("succeeded");
    expect(run.journal.filter(({ actor, type }) => actor === "c" && type === "step.ready")).toHaveLength(1);
  });

  test("a step without needs is ready at once under every join", () => {
    expect(JOINS.map((join) => started({ id: "a", join }).step("a"))).toEqual(Array(4).fill("pending.queued"));
  });

  test("says which step was in the way", () => {
    const run = started({ id: "a" }, { id: "b", needs: ["a"] }, { id: "c", needs: ["b"] });
    run.grant("a");
    run.fail("a");
    expect(run.context("b").skipped).toEqual({ kind: "needs", text: "it needs `a`, which failed" });
    expect(run.context("c").skipped).toEqual({ kind: "needs", text: "it needs `b`, which was skipped" });
    expect(ended("any_success", "bad", "bad").context("c").skipped?.text).toBe("none of the steps it needs succeeded");
  });

  test("a chain of skips is decided in one decision", () => {
    const specs = Array.from({ length: 500 }, (_, index) => ({ id: `s${index}`, needs: index === 0 ? [] : [`s${index - 1}`] }));
    const run = started(...specs);
    run.grant("s0");
    const { journal } = run.fail("s0");
    expect(journal.filter(({ type }) => type === "step.skipped")).toHaveLength(499);
    expect(run.state).toBe("failed");
  });
});

describe("an optional step", () => {
  test("that fails does not fail the run", () => {
    const run = started({ id: "a", optional: true });
    run.grant("a");
    run.fail("a");
    expect(run.step("a")).toBe("failed");
    expect(run.state).toBe("succeeded");
  });

  test("the run fails with the first step that failed and is not optional", () => {
    const run = started({ id: "a", optional: true }, { id: "b" }, { id: "c" });
    for (const id of ["a", "c", "b"]) {
      run.grant(id);
      run.fail(id, { ...PERMANENT, title: `${id} failed` });
    }
    expect(run.snapshot.run.context.error).toEqual({ step: "c", failure: { ...PERMANENT, title: "c failed" } });
  });
});

describe("a condition", () => {
  test("that is true lets the step go on", () => {
    expect(started({ id: "a", when: when("1 < 2") }).step("a")).toBe("pending.queued");
  });

  test("that is false skips the step and records the values it saw", () => {
    const run = started({ id: "a" }, { id: "b", needs: ["a"], when: when("steps.a.output.count > 3") });
    run.grant("a");
    run.succeed("a", { count: 2 });
    expect(run.context("b").skipped).toMatchObject({ kind: "when", text: "its condition is false: steps.a.output.count > 3" });
    expect(JSON.stringify(run.context("b").skipped?.trace)).toContain('"value":2');
    expect(run.state).toBe("succeeded");
  });

  test("that cannot be evaluated fails the step without an attempt", () => {
    const run = started({ id: "a" }, { id: "b", needs: ["a"], when: when("steps.a.output.missing > 3") });
    run.grant("a");
    run.succeed("a", { count: 2 });
    expect(run.step("b")).toBe("failed");
    expect(run.context("b")).toMatchObject({ attempt: 0, failure: { class: "validation", code: "EXPR_MISSING" } });
    expect(run.state).toBe("failed");
  });

  test("sees input, context, run and the steps that have ended, but no output of one that did not succeed", () => {
    const run = new KernelRun(
      buildWorkflow([
        { id: "a", optional: true },
        {
          id: "b",
          needs: ["a"],
          join: "all_done",
          when: when("input.n == 4 AND context.who == 'ada' AND run.workflow == 'sample' AND steps.a.status == 'failed'"),
        },
        { id: "c", needs: ["a"], join: "all_done", when: when("steps.a.output == 1") },
      ]),
    ).create({ input: { n: 4 }, context: { who: "ada" } });
    run.grant("a");
    run.fail("a");
    expect(run.steps()).toMatchObject({ b: "pending.queued", c: "failed" });
  });

  test("reads a large value through the blob it was moved to", () => {
    const blob = { $blob: "a".repeat(64), bytes: 70_000 };
    const run = new KernelRun(buildWorkflow([{ id: "a" }, { id: "b", needs: ["a"], when: when("steps.a.output.big") }]), (ref) => ({
      big: ref.bytes === 70_000,
    })).create();
    run.grant("a");
    run.succeed("a", blob);
    expect(run.step("b")).toBe("pending.queued");
  });

  test("is decided while the run is paused, but nothing starts (I-27)", () => {
    const run = started({ id: "a" }, { id: "b", needs: ["a"], when: when("true") });
    run.grant("a");
    run.pause();
    run.succeed("a");
    expect(run.step("b")).toBe("pending.queued");
    run.grant("b");
    expect(run.step("b")).toBe("pending.queued");
    run.resume();
    run.grant("b");
    expect(run.step("b")).toBe("running.executing");
  });
});

describe("a switch", () => {
  const specs: StepSpec[] = [
    { id: "route", type: "switch" },
    { id: "left", routedBy: ["route"] },
    { id: "right", routedBy: ["route"] },
    { id: "after", needs: ["left", "right"], join: "none_failed" },
  ];

  test("leads to the step it chose and away from the others", () => {
    const run = started(...specs);
    run.grant("route");
    run.succeed("route", { chosen: "right" });
    expect(run.steps()).toMatchObject({ left: "skipped", right: "pending.queued", after: "pending.blocked" });
    expect(run.context("left").skipped).toEqual({ kind: "switch", text: "switch `route` chose `right`" });
    expect(run.run("right", "after").state).toBe("succeeded");
  });

  test("that chose nothing leads nowhere", () => {
    const run = started(...specs);
    run.grant("route");
    run.succeed("route", 7);
    expect(run.steps()).toMatchObject({ left: "skipped", right: "skipped", after: "pending.queued" });
    expect(run.context("right").skipped?.text).toBe("switch `route` did not choose it");
  });

  test("that did not succeed leads nowhere by the join, not by a choice", () => {
    const run = started(...specs.slice(0, 3), { id: "any", routedBy: ["route"], join: "all_done" });
    run.grant("route");
    run.fail("route");
    expect(run.steps()).toMatchObject({ left: "skipped", right: "skipped", any: "pending.queued" });
    expect(run.context("left").skipped?.kind).toBe("needs");
  });

  test("a step behind two switches runs when neither chose another", () => {
    const two: StepSpec[] = [{ id: "one" }, { id: "two" }, { id: "both", routedBy: ["one", "two"] }];
    const agreed = started(...two);
    for (const id of ["one", "two"]) {
      agreed.grant(id);
      agreed.succeed(id, { chosen: "both" });
    }
    expect(agreed.step("both")).toBe("pending.queued");
  });
});

describe("steps that exclude each other", () => {
  test("with a common lock run one after another, the earlier in the file first", () => {
    const run = started({ id: "a", locks: ["db"] }, { id: "b", locks: ["db"] }, { id: "c", locks: ["db"] });
    expect(run.steps()).toEqual({ a: "pending.queued", b: "pending.blocked", c: "pending.blocked" });
    run.run("a");
    expect(run.steps()).toMatchObject({ b: "pending.queued", c: "pending.blocked" });
    run.run("b", "c");
    expect(run.state).toBe("succeeded");
  });

  test("with overlapping paths do not run together either", () => {
    const run = started({ id: "a", touches: ["src/**"] }, { id: "b", touches: ["src/x.ts"] }, { id: "c", touches: ["docs/**"] });
    expect(run.steps()).toEqual({ a: "pending.queued", b: "pending.blocked", c: "pending.queued" });
  });

  test("keep the lock over a retry and give it up when a person must look", () => {
    const run = started(
      { id: "a", locks: ["db"], retry: { max: 1, on: ["permanent"], onExhausted: "quarantine", jitter: "none", baseMs: 10 } },
      { id: "b", locks: ["db"] },
    );
    run.grant("a");
    run.fail("a");
    expect(run.steps()).toEqual({ a: "retrying", b: "pending.blocked" });
    run.now += 10;
    run.fire("a/backoff/1");
    run.grant("a");
    run.fail("a");
    expect(run.steps()).toEqual({ a: "quarantined", b: "pending.queued" });
  });

  test("a step released by a person waits for its lock like any other", () => {
    const run = started(
      { id: "a", locks: ["db"], retry: { max: 1, on: ["permanent"], onExhausted: "quarantine", jitter: "none", baseMs: 0 } },
      { id: "b", locks: ["db"] },
    );
    run.grant("a");
    run.fail("a");
    run.fire("a/backoff/1");
    run.grant("a");
    run.fail("a");
    run.grant("b");
    run.release("a");
    expect(run.steps()).toEqual({ a: "pending.blocked", b: "running.executing" });
    run.succeed("b");
    expect(run.step("a")).toBe("pending.queued");
    expect(run.run("a").state).toBe("succeeded");
  });

  test("those that wait for a lock are not asked for their conditions each time that one of them goes on", () => {
    let loads = 0;
    const load = (): { n: number } => {
      loads += 1;
      return { n: 1 };
    };
    const ids = Array.from({ length: 20 }, (_, index) => `s${index}`);
    const specs = ids.map((id) => ({ id, locks: ["db"], when: when("input.n == 1") }));
    const run = new KernelRun(buildWorkflow(specs), load).create({ input: { $blob: "a".repeat(64) as Digest, bytes: 70_000 } });
    expect(loads).toBe(20);
    run.run(...ids);
    expect(run.state).toBe("succeeded");
    expect(loads).toBe(39);
  });

  test("a false condition skips a step that its lock would keep waiting", () => {
    const run = started({ id: "a", locks: ["db"] }, { id: "b", locks: ["db"], when: when("false") });
    expect(run.step("b")).toBe("skipped");
  });
});
