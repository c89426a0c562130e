/**
 * A plug-in is other people's code: whatever it answers becomes an execution, and nothing of it comes into the journal that JSON
 * cannot hold (I-35). Built-in types need no guard, and pay for none.
 */
import { FAILURE_CLASSES } from "../core/failure.ts";
import { findNotJson } from "../core/not-json.ts";
import type { Execution, StepType } from "../ports/attempt.ts";

const KINDS: readonly unknown[] = ["succeeded", "failed", "timed_out", "stopped", "lost", "not_started"] satisfies Execution["kind"][];

/** The same type, whose answers can be trusted in their shape. */
export function guardStepType(type: StepType): StepType {
  const { declaration, survivesEngine, asksTools } = type;
  const name = declaration.type;
  return {
    declaration,
    survivesEngine,
    ...(asksTools !== undefined && { asksTools }),
    ...(type.target && { target: (context) => type.target?.(context) ?? null }),
    ...(type.blames && { blames: (execution) => type.blames?.(execution) === true }),
    execute: async (context) => sound(name, await type.execute(context)),
    ...(type.reattach && { reattach: async (context, mode) => sound(name, await type.reattach?.(context, mode)) }),
  };
}

/** @throws a failure of class `permanent` that says what is wrong with the answer */
function sound(type: string, answer: unknown): Execution {
  const problem = typeof answer === "object" && answer !== null ? findNotJson(answer, "answer") : "it answered nothing";
  if (problem !== null) throw unsound(type, problem);
  const { kind, output, failure } = answer as { readonly kind?: unknown; readonly output?: unknown; readonly failure?: unknown };
  if (!KINDS.includes(kind)) throw unsound(type, "its `kind` is none that there is");
  if (kind === "failed" && !isFailure(failure)) throw unsound(type, "its `failure` has no class, code and title");
  // The kind is one of ours; texts that its other members lack are missing in the journal, too, and harm nobody.
  return (kind === "succeeded" && output === undefined ? { ...(answer as object), output: null } : answer) as Execution;
}

function isFailure(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { class: kind, code, title } = value as Readonly<Record<string, unknown>>; // Whatever it is, it has members or has not.
  return (FAILURE_CLASSES as readonly unknown[]).includes(kind) && typeof code === "string" && typeof title === "string";
}

function unsound(type: string, problem: string): Error {
  const error = new Error(`The step type \`${type}\` gave an answer that is none: ${problem}.`);
  return Object.assign(error, { code: "STEP_TYPE_ANSWER", class: "permanent" });
}
