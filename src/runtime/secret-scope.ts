/** What the expressions of an attempt see, secrets included. The kernel's own scope has none: what it reads is recorded. */
import type { JsonObject } from "../core/json.ts";
import type { Scope } from "../expression/scope.ts";
import { lazyFields } from "../plan/lazy-fields.ts";
import type { AttemptRequest } from "../ports/attempt.ts";

/** The environment may hold secrets too, so it is read here again. */
export function scopeWithSecrets(scope: Scope, { workflow, step }: Pick<AttemptRequest, "workflow" | "step">, secrets: JsonObject): Scope {
  const outer: Scope = { ...scope, value: (root) => (root === "env" ? undefined : root === "secrets" ? secrets : scope.value(root)) };
  return { ...outer, value: (root) => (root === "env" ? lazyFields({ ...workflow.env, ...step.env }, outer) : outer.value(root)) };
}
