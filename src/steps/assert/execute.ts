/** Evaluates the conditions of an assert step. */
import type { Json, JsonObject } from "../../core/json.ts";
import type { Field } from "../../plan/field.ts";
import type { AttemptContext, Execution, StepType } from "../../ports/attempt.ts";
import { type Check, checksOf } from "./check.ts";
import { assertDeclaration } from "./schema.ts";

/** One condition that does not hold: its message, its text, and what every part of it was. */
interface Broken {
  readonly message: string;
  readonly check: string;
  readonly trace: Json;
}

export const assertStep: StepType = {
  declaration: assertDeclaration,
  survivesEngine: false,
  execute(context) {
    return Promise.resolve(evaluateChecks(context));
  },
};

/** All checks are looked at, so that one run shows everything that is wrong. */
function evaluateChecks(context: AttemptContext): Execution {
  const checks = checksOf(context.request.step.config);
  const broken = checks.flatMap((check) => evaluateCheck(context, check));
  const passed = checks.length - broken.length;
  const failed = broken.map(({ message, check, trace }): JsonObject => ({ message, check, trace }));
  if (broken.length === 0 || context.value("severity") === "warn") return { kind: "succeeded", output: { passed, failed } };
  const detail = broken.map(({ message }) => message).join("\n");
  const title = checks.length === 1 ? (broken[0]?.message ?? "") : `${broken.length} of ${checks.length} checks do not hold.`;
  return { kind: "failed", failure: { class: "validation", code: "ASSERT_FAILED", title, detail, extra: { failed } } };
}

function evaluateCheck(context: AttemptContext, { condition, message }: Check): readonly Broken[] {
  const { holds, trace } = context.explain(condition);
  if (holds) return [];
  const check = sourceOf(condition);
  return [{ message: messageOf(context, message, check), check, trace }];
}

/** A message that cannot be made must not hide that the check does not hold. */
function messageOf(context: AttemptContext, message: Field | null, check: string): string {
  const fallback = `This does not hold: ${check}`;
  if (message === null) return fallback;
  try {
    const text = context.evaluate(message);
    return typeof text === "string" ? text : JSON.stringify(text);
  } catch {
    return fallback;
  }
}

function sourceOf(condition: Field): string {
  return condition.kind === "condition" ? condition.source : condition.kind === "literal" ? JSON.stringify(condition.value) : "";
}
