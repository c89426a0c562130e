import { describe, expect, test } from "vitest";
import { condition, list, literal, makeContext, makeStep, map, text } from "../../../test/support/attempts.ts";
import type { Field } from "../../plan/field.ts";
import type { Execution } from "../../ports/attempt.ts";
import { assertStep } from "./execute.ts";

function assert(config: Record<string, Field>): Promise<Execution> {
  return assertStep.execute(makeContext(makeStep("assert", config), { input: { errors: 3, name: "x" } }));
}

describe("an assert step", () => {
  test("succeeds when all holds", async () => {
    expect(await assert({ check: condition("input.errors < 5"), checks: list(map({ check: condition("input.name == 'x'") })) })).toEqual({
      kind: "succeeded",
      output: { passed: 2, failed: [] },
    });
  });

  test("fails for good and shows what every part was", async () => {
    const answer = await assert({
      check: condition("input.errors < 2 AND input.name == 'x'"),
      message: text("{{ input.errors }} errors left"),
    });
    expect(answer).toMatchObject({
      kind: "failed",
      failure: {
        class: "validation",
        code: "ASSERT_FAILED",
        title: "3 errors left",
        extra: {
          failed: [
            {
              message: "3 errors left",
              check: "input.errors < 2 AND input.name == 'x'",
              trace: { value: false, children: [{ text: "input.errors < 2", value: false }, {}] },
            },
          ],
        },
      },
    });
  });

  test("looks at every check, and says how many do not hold", async () => {
    const checks = list(
      map({ check: condition("input.errors == 0") }),
      map({ check: condition("true") }),
      map({ check: condition("input.missing > 1"), message: text("{{ input.gone }}") }),
    );
    expect(await assert({ checks })).toMatchObject({
      failure: {
        title: "2 of 3 checks do not hold.",
        detail: "This does not hold: input.errors == 0\nThis does not hold: input.missing > 1",
      },
    });
  });

  test("under `warn` succeeds and lists what does not hold", async () => {
    expect(await assert({ check: condition("false"), severity: literal("warn") })).toMatchObject({
      kind: "succeeded",
      output: { passed: 0, failed: [{ check: "false" }] },
    });
  });

  test("without a check is refused when the workflow is checked", () => {
    expect(assertStep.declaration.check?.(makeStep("assert", {}))).toMatchObject([{ code: "ASSERT_EMPTY", severity: "error" }]);
    expect(assertStep.declaration.check?.(makeStep("assert", { check: condition("true") }))).toEqual([]);
  });
});
