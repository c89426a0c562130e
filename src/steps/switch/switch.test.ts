import { describe, expect, test } from "vitest";
import { condition, list, literal, makeContext, makeStep, map, text } from "../../../test/support/attempts.ts";
import type { Field } from "../../plan/field.ts";
import { switchStep } from "./execute.ts";

const indexOf = new Map([
  ["big", 0],
  ["small", 1],
]);

async function choose(config: Record<string, Field>, n: number): Promise<unknown> {
  const execution = await switchStep.execute(makeContext(makeStep("switch", config), { input: { n }, workflow: { indexOf } }));
  return execution.kind === "succeeded" ? execution.output : execution;
}

const bySize = list(
  map({ when: condition("input.n > 10"), do: literal("big") }),
  map({ when: condition("input.n > 0"), do: text("{{ input.n * 2 }}") }),
);

describe("a switch step", () => {
  test("takes the first case that holds, as a step or as a value", async () => {
    expect(await choose({ cases: bySize }, 11)).toEqual({ chosen: "big", value: null, case: 0 });
    expect(await choose({ cases: bySize }, 5)).toEqual({ chosen: null, value: 10, case: 1 });
  });

  test("takes the default, or nothing", async () => {
    expect(await choose({ cases: bySize, default: literal("small") }, 0)).toEqual({ chosen: "small", value: null, case: null });
    expect(await choose({ cases: bySize, default: literal("tiny") }, 0)).toEqual({ chosen: null, value: "tiny", case: null });
    expect(await choose({ cases: bySize }, 0)).toEqual({ chosen: null, value: null, case: null });
  });

  test("offers its constant texts as routes; a computed one can lead nowhere", () => {
    expect(switchStep.declaration.routes?.({ cases: bySize, default: literal("small") })).toEqual([
      { step: "big", field: "cases[0].do" },
      { step: "small", field: "default" },
    ]);
  });
});
