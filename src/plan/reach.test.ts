import { describe, expect, test } from "vitest";
import { buildWorkflow, type StepSpec } from "../../test/support/workflow-builder.ts";
import { findUnreachable, findUnused } from "./reach.ts";
import type { CompiledStep } from "./workflow.ts";

const literal = (value: boolean): CompiledStep["when"] => ({
  expression: { kind: "literal", at: { offset: 0, line: 1, column: 1 }, value },
  source: String(value),
  place: { file: "sample.troupe.yaml", line: 1, column: 1 },
});

const reasons = (specs: readonly StepSpec[]): object => {
  const workflow = buildWorkflow(specs);
  return Object.fromEntries(findUnreachable(workflow).map(({ step, because }) => [workflow.steps[step]?.id, because]));
};

describe("findUnreachable", () => {
  test("a step whose condition is the word false never runs, nor do those that wait for its success", () => {
    const specs = [
      { id: "never", when: literal(false) },
      { id: "after", needs: ["never"] },
      { id: "runs", when: literal(true) },
    ];
    expect(reasons(specs)).toEqual({ never: { kind: "condition" }, after: { kind: "needs", step: 0 } });
  });

  test("a step that takes any success runs while one of its needs can", () => {
    const never = { id: "never", when: literal(false) };
    const any = { id: "any", join: "any_success" } as const;
    expect(reasons([never, { id: "a" }, { ...any, needs: ["never", "a"] }])).toEqual({ never: { kind: "condition" } });
    expect(reasons([never, { ...any, needs: ["never"] }])).toMatchObject({ any: { kind: "needs", step: 0 } });
  });

  test.each(["all_done", "none_failed"] as const)("a step that joins with %s runs behind a skipped one", (join) => {
    expect(
      reasons([
        { id: "never", when: literal(false) },
        { id: "after", join, needs: ["never"] },
      ]),
    ).not.toHaveProperty("after");
  });

  const branches: StepSpec[] = [
    { id: "choose", type: "switch" },
    { id: "left", routedBy: ["choose"] },
    { id: "right", routedBy: ["choose"] },
    { id: "more", needs: ["left"] },
  ];

  test("a step that waits for two branches of one switch never runs", () => {
    expect(reasons([...branches, { id: "join", needs: ["more", "right"] }])).toEqual({
      join: { kind: "branches", router: 0, steps: [1, 2] },
    });
  });

  test("a step that waits for one branch, or joins them loosely, does run", () => {
    expect(
      reasons([...branches, { id: "one", needs: ["left", "more"] }, { id: "join", join: "none_failed", needs: ["more", "right"] }]),
    ).toEqual({});
  });

  test("a step that two switches lead to runs only if both choose it", () => {
    const specs: StepSpec[] = [
      { id: "a", type: "switch" },
      { id: "b", type: "switch" },
      { id: "x", routedBy: ["b"] },
      { id: "y", routedBy: ["a", "b"] },
      { id: "join", needs: ["x", "y"] },
    ];
    expect(reasons(specs)).toMatchObject({ join: { router: 1, steps: [2, 3] } });
  });

  test("a branch that runs even if its switch fails commits to nothing", () => {
    const loose = branches.map((spec) => (spec.id === "left" ? { ...spec, join: "all_done" as const } : spec));
    expect(reasons([...loose, { id: "join", needs: ["more", "right"] }])).toEqual({});
  });

  test("beyond 64 switches the oldest choices are forgotten", () => {
    const many = Array.from({ length: 70 }, (_, index): StepSpec[] => [
      { id: `choose${index}`, type: "switch" },
      { id: `left${index}`, routedBy: [`choose${index}`] },
    ]).flat();
    const lefts = Array.from({ length: 70 }, (_, index) => `left${index}`);
    expect(reasons([...many, { id: "all", needs: lefts }])).toEqual({});
  });
});

describe("findUnused", () => {
  const unused = (specs: readonly StepSpec[], outputNeeds: readonly number[], output: object | null = {}): number[] =>
    findUnused({ ...buildWorkflow(specs), output: output as null }, outputNeeds);
  const pure = (id: string, ...needs: string[]): StepSpec => ({ id, type: "function", sideEffect: "none", needs });

  test("a step that nothing and nobody refers to is unused, with all that only it needs", () => {
    expect(unused([pure("a"), pure("b", "a"), pure("c"), pure("d", "c")], [3])).toEqual([0, 1]);
  });

  test("a step needed by two used steps is used once", () => {
    expect(unused([pure("a"), pure("b", "a"), pure("c", "a")], [1, 2])).toEqual([]);
  });

  test("a step with side effects, and all it needs, is used", () => {
    expect(unused([pure("a"), { id: "write", needs: ["a"] }], [])).toEqual([]);
  });

  test("a step that judges is used", () => {
    expect(unused([pure("a"), { ...pure("check", "a"), type: "assert" }], [])).toEqual([]);
  });

  test("without an output every step is a result", () => {
    expect(unused([pure("a")], [], null)).toEqual([]);
  });
});
