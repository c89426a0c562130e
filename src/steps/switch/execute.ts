/** Chooses a case. The kernel reads `chosen` and skips the steps that another case would have led to. */
import type { Field } from "../../plan/field.ts";
import type { AttemptContext, Execution, StepType } from "../../ports/attempt.ts";
import { constantText, switchDeclaration } from "./schema.ts";

export const switchStep: StepType = {
  declaration: switchDeclaration,
  survivesEngine: false,
  execute(context) {
    return Promise.resolve(choose(context));
  },
};

/** `case` counts from 0; null for the default, or when nothing was chosen. */
function choose(context: AttemptContext): Execution {
  const { cases, default: otherwise } = context.request.step.config;
  const items = cases?.kind === "list" ? cases.items : [];
  for (const [index, item] of items.entries()) {
    if (item.kind !== "map") continue;
    const { when, do: then } = item.entries;
    if (when !== undefined && context.evaluate(when) === true) return answer(context, then, index);
  }
  return answer(context, otherwise, null);
}

function answer(context: AttemptContext, field: Field | undefined, index: number | null): Execution {
  if (field === undefined) return { kind: "succeeded", output: { chosen: null, value: null, case: index } };
  const text = constantText(field);
  if (text !== null && context.request.workflow.indexOf.has(text))
    return { kind: "succeeded", output: { chosen: text, value: null, case: index } };
  return { kind: "succeeded", output: { chosen: null, value: context.evaluate(field), case: index } };
}
