/** What can be said about an assert step before it runs. */
import type { Field } from "../../plan/field.ts";
import type { StepFinding } from "../../plan/step-type.ts";
import type { CompiledStep } from "../../plan/workflow.ts";

export interface Check {
  readonly condition: Field;
  readonly message: Field | null;
}

/** All conditions of the step, in order. */
export function checksOf(config: CompiledStep["config"]): readonly Check[] {
  const { check, message, checks } = config;
  const own = check === undefined ? [] : [{ condition: check, message: message ?? null }];
  const items = checks?.kind === "list" ? checks.items : [];
  return [...own, ...items.flatMap(checkOf)];
}

function checkOf(item: Field): readonly Check[] {
  const condition = item.kind === "map" ? item.entries.check : undefined;
  if (item.kind !== "map" || condition === undefined) return [];
  return [{ condition, message: item.entries.message ?? null }];
}

export function checkAssert({ config }: CompiledStep): readonly StepFinding[] {
  if (checksOf(config).length > 0) return [];
  return [
    {
      code: "ASSERT_EMPTY",
      severity: "error",
      message: "An assert step needs `check` or `checks`.",
      field: "check",
      fix: "Write `check: <condition>`.",
    },
  ];
}
