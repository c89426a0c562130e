import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stepMachine } from "../../../actors/step/step.machine.ts";
import { parseExpression } from "../../../grammar/parse.ts";
import { explore } from "../../../test/support/explore.ts";
import { leafStates } from "../../../test/support/statechart.ts";
import { builtInStepTypes } from "../../../test/support/step-types.ts";
import { buildWorkflow, type StepSpec } from "../../../test/support/workflow-builder.ts";
import type { JsonObject } from "../../core/json.ts";
import type { CompiledWorkflow } from "../../plan/workflow.ts";
import { compile } from "../compile.ts";
import { exploreRun, STATES_MAX, STEPS_MAX } from "./run-model.ts";

const begins = (workflow: CompiledWorkflow): ReadonlyMap<string, boolean> | null => {
  const moves = exploreRun(workflow.steps);
  return moves && new Map([...moves].map(([index, found]) => [workflow.steps[index]?.id ?? "", found.some(({ stop }) => stop === null)]));
};

const never = (text: string): string[] => {
  const workflow = compile(text, { file: "w.yaml", stepTypes: builtInStepTypes });
  return [...(begins(workflow) ?? [])].flatMap(([id, can]) => (can ? [] : [id]));
};

describe("a step never begins when", () => {
  test.each([
    ["its condition contradicts its join", "{ id: a, run: x }, { id: b, run: x, needs: a, when: steps.a.status == 'failed' }", ["b"]],
    ["it handles that failure", "{ id: a, run: x }, { id: b, run: x, needs: a, join: all_done, when: steps.a.status == 'failed' }", []],
    [
      "two conditions exclude each other",
      "{ id: a, run: x, when: input.x > 1 }, { id: b, run: x, needs: a, when: NOT input.x > 1 }",
      ["b"],
    ],
    ["two conditions are different", "{ id: a, run: x, when: input.x > 1 }, { id: b, run: x, needs: a, when: input.x > 2 }", []],
    [
      "both branches of a switch are needed, far away",
      "{ id: s, cases: [{ when: input.x, do: a }], default: b }, { id: a, run: x }, { id: b, run: x }, { id: c, run: x, needs: a }, { id: d, run: x, needs: [c, b] }",
      ["d"],
    ],
    [
      "one of them suffices",
      "{ id: s, cases: [{ when: input.x, do: a }], default: b }, { id: a, run: x }, { id: b, run: x }, { id: d, run: x, needs: [a, b], join: any_success }",
      [],
    ],
    ["a handler is never called", "{ id: a, run: x, catch: [{ do: skip }, { do: [{ id: h, run: x }] }] }", []],
    [
      "what it waits for is dead",
      "{ id: a, run: x, when: false }, { id: b, run: x, needs: a }, { id: c, run: x, needs: b, join: all_done }",
      ["a", "b"],
    ],
  ])("%s", (_, steps, expected) => {
    expect(never(`steps: [${steps}]\n`)).toEqual(expected);
  });
});

/** Small workflows in which much is decided, by conditions, joins and handlers. */
const anyDocument: fc.Arbitrary<JsonObject> = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat({ max: 4 }), { maxLength: 2 }),
      join: fc.constantFrom("all_success", "all_done", "any_success", "none_failed"),
      when: fc.constantFrom("", "", "input.n > 1", "NOT input.n > 1", "failed", "succeeded", "skipped"),
      handled: fc.boolean(),
      optional: fc.boolean(),
    }),
    { minLength: 2, maxLength: 5 },
  )
  .map((steps) => ({
    name: "w",
    steps: steps.map(({ needs, join, when, handled, optional }, index) => {
      const earlier = [...new Set(needs.filter((one) => one < index))];
      const condition = when === "" || when.includes("input") ? when : earlier.length > 0 ? `steps.s${earlier[0]}.status == '${when}'` : "";
      return {
        id: `s${index}`,
        run: "x",
        needs: earlier.map((one) => `s${one}`),
        join,
        optional,
        ...(condition !== "" && { when: condition }),
        ...(handled && { catch: [{ do: [{ id: `h${index}`, run: "x" }] }] }),
      };
    }),
  }));

test("M2: what the kernel does in any run, the model allows", () => {
  let judged = 0;
  const choices = fc.array(fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 7 }), fc.nat({ max: 99 })), { minLength: 30, maxLength: 90 });
  fc.assert(
    fc.property(anyDocument, choices, (document, drawn) => {
      const workflow = compile(document, { file: "w.yaml", stepTypes: builtInStepTypes });
      const can = begins(workflow);
      for (const { actor, type } of explore({ workflow, carried: [], choices: drawn }).journal) {
        if (type !== "step.ready" || can?.get(actor) === undefined) continue;
        judged += 1;
        expect({ actor, can: can.get(actor) }).toEqual({ actor, can: true });
      }
    }),
    { numRuns: 300 },
  );
  expect(judged).toBeGreaterThan(200);
});

test("the endings of the model are those of the statechart, but for what ends the run or waits for a person (M5)", () => {
  const endings = leafStates(stepMachine).filter((state) => !/^(?:pending|running|retrying)\b/.test(state));
  expect(endings).toEqual(["canceled", "failed", "quarantined", "skipped", "succeeded"]);
});

describe("M4: what is too large is not judged", () => {
  const conditional = { when: { expression: parseExpression("input.x"), source: "input.x", place: { file: "", line: 1, column: 1 } } };
  const chain = (count: number): StepSpec[] =>
    Array.from({ length: count }, (_, index) => ({ id: `s${index}`, needs: index === 0 ? [] : [`s${index - 1}`], ...conditional }));
  const fan = (count: number): StepSpec[] => [
    ...Array.from({ length: count }, (_, index) => ({ id: `s${index}`, ...conditional })),
    { id: "last", needs: Array.from({ length: count }, (_, index) => `s${index}`) },
  ];

  test("a chain has few states, a wide join many", () => {
    expect(exploreRun(buildWorkflow(chain(STEPS_MAX)).steps)).not.toBeNull();
    expect(exploreRun(buildWorkflow(chain(STEPS_MAX + 1)).steps)).toBeNull();
    expect(exploreRun(buildWorkflow(fan(6)).steps)).not.toBeNull();
    expect(2 ** 12).toBeGreaterThan(STATES_MAX);
    expect(exploreRun(buildWorkflow(fan(12)).steps)).toBeNull();
  });

  test("a workflow without steps has nothing to judge", () => {
    expect(exploreRun([])?.size).toBe(0);
  });
});
