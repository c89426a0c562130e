import { describe, expect, test } from "vitest";
import { KernelRun } from "../../test/support/kernel-run.ts";
import { buildWorkflow } from "../../test/support/workflow-builder.ts";
import type { RunId } from "../core/ids.ts";
import type { Json } from "../core/json.ts";
import type { Field } from "../plan/field.ts";
import type { CompiledStep } from "../plan/workflow.ts";
import { runScope, sourceOf } from "./scope.ts";

const noBlob = (): never => {
  throw new Error("nothing large is read here");
};

function scopeOf(run: KernelRun, step?: CompiledStep): ReturnType<typeof runScope> {
  return runScope(sourceOf(run.workflow, run.snapshot), noBlob, step === undefined ? {} : { step });
}

const literal = (value: Json): Field => ({ kind: "literal", value });

describe("what expressions of a run see", () => {
  const workflow = buildWorkflow(
    [
      { id: "a", env: { LEVEL: literal("step") } },
      { id: "b", needs: ["a"], optional: true },
    ],
    {
      env: { LEVEL: literal("workflow"), HOME: literal("/srv") },
    },
  );
  const run = new KernelRun(workflow).create({
    input: { n: 1 },
    context: { who: "ada" },
    labels: { team: "core" },
    parent: { runId: "run_before" as RunId, relation: "fork", from: null },
  });

  test("are its input, its context, itself, and the environment that is declared, the step's over the workflow's", () => {
    const scope = scopeOf(run);
    expect(scope.value("input")).toEqual({ n: 1 });
    expect(scope.value("context")).toEqual({ who: "ada" });
    expect(scope.value("run")).toMatchObject({
      workflow: "sample",
      tenant: "default",
      priority: 3,
      labels: { team: "core" },
      parent: "run_before",
    });
    expect(scope.value("env")).toEqual({ LEVEL: "workflow", HOME: "/srv" });
    expect(scopeOf(run, workflow.steps[0]).value("env")).toEqual({ LEVEL: "step", HOME: "/srv" });
    expect(scope.value("nothing")).toBeUndefined();
    expect([...scope.stepNames()]).toEqual(["a", "b"]);
  });

  test("are steps by their state, with an output only where there is one", () => {
    expect(scopeOf(run).step("a")).toEqual({ status: "pending", error: null, attempts: 0, duration: null });
    expect(scopeOf(run).step("ghost")).toBeUndefined();
    run.grant("a");
    run.now += 250;
    run.succeed("a", [1, 2]);
    run.grant("b");
    run.fail("b");
    expect(scopeOf(run).step("a")).toEqual({ status: "succeeded", error: null, attempts: 1, duration: 250, output: [1, 2] });
    expect(scopeOf(run).step("b")).toMatchObject({ status: "failed", error: { code: "EXIT_CODE" } });
    expect(scopeOf(run).step("b")).not.toHaveProperty("output");
  });
});

describe("an output that has a second name", () => {
  const outputOf = (output: Json): unknown => {
    const run = new KernelRun(buildWorkflow([{ id: "a", outputVariable: "report" }])).create();
    run.grant("a");
    run.succeed("a", output);
    return (scopeOf(run).step("a") as { output: unknown }).output;
  };

  test("is found by it", () => {
    expect(outputOf(7)).toEqual({ report: 7 });
    expect((outputOf({ n: 1 }) as { report: unknown }).report).toEqual({ n: 1 });
  });

  test("keeps a member of that name, and is handed on without the second name", () => {
    expect(outputOf({ report: "own" })).toEqual({ report: "own" });
    expect(JSON.stringify(outputOf({ n: 1 }))).toBe('{"n":1}');
  });
});
