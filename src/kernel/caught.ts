/** What the author's `catch` makes of a failure whose retries are used up. The first rule that matches wins. */
import type { Caught } from "../../actors/step/step.events.ts";
import { INLINE_MAX_BYTES } from "../core/blob.ts";
import { isTroupeError, toError } from "../core/errors.ts";
import type { TaskFailure } from "../core/failure.ts";
import type { Json } from "../core/json.ts";
import { evaluateCondition } from "../expression/evaluate.ts";
import type { Scope } from "../expression/scope.ts";
import { evaluateField } from "../plan/evaluate-field.ts";
import type { CatchMatch, CatchRule } from "../plan/step-policies.ts";
import type { CompiledStep } from "../plan/workflow.ts";
import type { Draft } from "./draft.ts";
import { runScope } from "./scope.ts";

/** Null when no rule applies, or the one that does says `fail`. */
export function caughtBy(draft: Draft, step: CompiledStep, failure: TaskFailure): Caught | null {
  if (step.catches.length === 0) return null;
  const scope = runScope(draft, draft.load, { step, error: failure as unknown as Json }); // A TaskFailure holds nothing but JSON.
  const rule = step.catches.findIndex(({ match }) => matches(match, failure, scope));
  const action = step.catches[rule]?.action;
  switch (action?.kind) {
    case undefined:
    case "fail":
      return null;
    case "skip":
    case "handle":
      return { rule, kind: action.kind, output: null };
    case "fallback":
      return fallback(rule, action, scope);
  }
}

function fallback(rule: number, action: Extract<CatchRule["action"], { kind: "fallback" }>, scope: Scope): Caught | null {
  const output = orNull(() => evaluateField(action.value, scope));
  // A value that cannot be made, or belongs into a blob, settles nothing: the failure itself stands.
  if (output === undefined || JSON.stringify(output).length > INLINE_MAX_BYTES) return null;
  return { rule, kind: "fallback", output };
}

function matches(match: CatchMatch, failure: TaskFailure, scope: Scope): boolean {
  const { classes, codes, tools, statuses, when } = match;
  if (classes !== null && !classes.includes(failure.class)) return false;
  if (codes !== null && !codes.includes(failure.code)) return false;
  if (tools !== null && !(typeof failure.tool === "string" && tools.includes(failure.tool))) return false;
  if (statuses !== null && !(failure.status !== undefined && statuses.includes(failure.status))) return false;
  return when === null || orNull(() => evaluateCondition(when.expression, scope)) === true;
}

/** The author's mistakes count as no match; anything else is ours or the store's (K1). */
function orNull<TValue>(evaluate: () => TValue): TValue | undefined {
  try {
    return evaluate();
  } catch (thrown) {
    const error = toError(thrown);
    if (isTroupeError(error) && error.kind === "definition") return undefined;
    throw error;
  }
}
