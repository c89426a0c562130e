import { describe, expect, test } from "vitest";
import { parseExpression } from "../../grammar/parse.ts";
import { KernelRun } from "../../test/support/kernel-run.ts";
import { buildWorkflow, type StepSpec } from "../../test/support/workflow-builder.ts";
import type { CompiledStep } from "../plan/workflow.ts";
import { type WaitsFor, whyNot } from "./why-not.ts";

const started = (...specs: StepSpec[]): KernelRun => new KernelRun(buildWorkflow(specs)).create();
const waitsFor = (run: KernelRun, step: string): WaitsFor | undefined => whyNot(run.workflow, run.snapshot, step)[0]?.waitsFor;
const runWaitsFor = (run: KernelRun): WaitsFor | undefined => whyNot(run.workflow, run.snapshot)[0]?.waitsFor;

function when(source: string): CompiledStep["when"] {
  return { expression: parseExpression(source), source, place: { file: "sample.troupe.yaml", line: 1, column: 1 } };
}

describe("a step waits for", () => {
  test("the steps that it needs and that have not ended", () => {
    const run = started({ id: "a" }, { id: "b" }, { id: "c", needs: ["a", "b"] }).run("a");
    expect(waitsFor(run, "c")).toEqual({ kind: "steps", steps: ["b"] });
  });

  test("those that hold its lock", () => {
    const run = started({ id: "a", locks: ["db"] }, { id: "b", locks: ["db"] });
    expect(waitsFor(run, "b")).toEqual({ kind: "lock", steps: ["a"] });
  });

  test("a place, or the end of a pause", () => {
    const run = started({ id: "a" });
    expect(waitsFor(run, "a")).toEqual({ kind: "place" });
    run.pause();
    expect(waitsFor(run, "a")).toEqual({ kind: "resume" });
  });

  test("its attempt, also while that is being stopped", () => {
    const run = started({ id: "a", timeout: 1_000 });
    run.grant("a");
    expect(waitsFor(run, "a")).toEqual({ kind: "attempt", attempt: 1, dueAt: run.now + 1_000 });
    run.cancel();
    expect(waitsFor(run, "a")).toEqual({ kind: "attempt", attempt: 1, dueAt: null });
  });

  test("its retry", () => {
    const run = started({ id: "a", retry: { max: 1, on: ["permanent"], jitter: "none", baseMs: 40 } });
    run.grant("a");
    run.fail("a");
    expect(waitsFor(run, "a")).toEqual({ kind: "timer", dueAt: run.now + 40 });
  });

  test("a person, and says why", () => {
    const run = started({ id: "a", sideEffect: "once" }, { id: "b", onEngineCrash: "quarantine" });
    for (const id of ["a", "b"]) run.grant(id);
    run.lose("a");
    run.orphan("b");
    expect(waitsFor(run, "a")).toEqual({ kind: "person", reason: "Its engine died" });
    expect(waitsFor(run, "b")).toMatchObject({ kind: "person", reason: expect.stringMatching(/on_engine_crash.*may still be running/) });
  });

  test("a person, after engines that died with it", () => {
    const run = started({ id: "a" });
    run.grant("a");
    for (let crash = 0; crash < 3; crash++) run.orphan("a");
    expect(waitsFor(run, "a")).toEqual({ kind: "person", reason: "its attempts kept dying with the engine" });
  });

  test("a person, after attempts that were lost again and again", () => {
    const run = started({ id: "a" });
    for (let loss = 0; loss < 3; loss++) {
      run.grant("a");
      run.lose("a");
    }
    expect(waitsFor(run, "a")).toEqual({ kind: "person", reason: "its attempts kept being lost: Its engine died" });
  });

  test("a person, who hears how the attempt ended since, and nothing of a failure before", () => {
    const run = started({ id: "a", onEngineCrash: "quarantine", retry: { max: 1, on: ["permanent"], baseMs: 0 } });
    run.grant("a");
    run.fail("a");
    run.fire("a/backoff/1");
    run.grant("a");
    run.orphan("a");
    expect(waitsFor(run, "a")).toMatchObject({ reason: expect.stringContaining("may still be running") });
    run.succeed("a", 9);
    expect(waitsFor(run, "a")).toMatchObject({ reason: expect.stringMatching(/its engine died.*has ended since: succeeded/) });
  });

  test("nothing once it has ended, and says how", () => {
    const run = started({ id: "a" }, { id: "b" }, { id: "c", needs: ["b"] });
    run.run("a");
    run.grant("b");
    run.fail("b");
    expect(["a", "b", "c"].map((step) => waitsFor(run, step))).toEqual([
      { kind: "nothing", reason: "it has succeeded" },
      { kind: "nothing", reason: "It exited with 1" },
      { kind: "nothing", reason: "it needs `b`, which failed" },
    ]);
  });
});

describe("a run waits for", () => {
  test("its steps, a resume, a person, or nothing", () => {
    const run = started({ id: "a" });
    expect(runWaitsFor(run)).toEqual({ kind: "steps", steps: [] });
    run.pause();
    expect(runWaitsFor(run)).toEqual({ kind: "resume" });
    run.send({ type: "run.quarantine", reason: "look" });
    expect(runWaitsFor(run)).toEqual({ kind: "person", reason: "look" });
    run.resume();
    run.run("a");
    expect(runWaitsFor(run)).toEqual({ kind: "nothing", reason: "it has succeeded" });
    const failed = started({ id: "a" });
    failed.grant("a");
    failed.fail("a");
    expect(runWaitsFor(failed)).toEqual({ kind: "nothing", reason: "It exited with 1" });
  });

  test("those that have not ended, which are told with it", () => {
    const run = started({ id: "a" }, { id: "b", needs: ["a"] }, { id: "c", needs: ["b"] }).run("a");
    expect(whyNot(run.workflow, run.snapshot).map(({ actor, state }) => `${actor} ${state}`)).toEqual([
      "run running.executing",
      "b pending.queued",
      "c pending.blocked",
    ]);
  });

  test("nobody whom the workflow does not know", () => {
    const run = started({ id: "a" });
    expect(whyNot(run.workflow, run.snapshot, "ghost")).toEqual([]);
  });
});

test("the events that an actor would answer are told", () => {
  const run = started({ id: "a" });
  expect(whyNot(run.workflow, run.snapshot, "a")[0]?.enabled.toSorted()).toEqual(["attempt.start", "step.cancel", "step.skip"]);
});

describe("a condition", () => {
  test("is told with the values it sees, before and after it was decided", () => {
    const run = started(
      { id: "a" },
      { id: "b", needs: ["a"], when: when("steps.a.output.n > 3"), locks: ["x"] },
      { id: "c", when: when("true") },
    );
    expect(whyNot(run.workflow, run.snapshot, "b")[0]?.condition).toBeNull();
    expect(whyNot(run.workflow, run.snapshot, "c")[0]?.condition).toMatchObject({ value: true });
    run.grant("a");
    run.succeed("a", { n: 1 });
    expect(JSON.stringify(whyNot(run.workflow, run.snapshot, "b")[0]?.condition)).toContain('"value":1');
  });

  test("that reads a large value asks for it", () => {
    const blob = { $blob: "a".repeat(64), bytes: 70_000 };
    const run = new KernelRun(buildWorkflow([{ id: "a", when: when("input.n == 1") }]), () => ({ n: 1 })).create({ input: blob });
    expect(whyNot(run.workflow, run.snapshot, "a", () => ({ n: 1 }))[0]?.condition).toMatchObject({ value: true });
    expect(whyNot(run.workflow, run.snapshot, "a")[0]?.condition).toMatchObject({
      text: "input.n == 1",
      error: expect.stringContaining("70000 bytes"),
    });
  });
});
