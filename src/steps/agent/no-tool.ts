/** Why nobody did it. Pure. */
import type { TaskFailure } from "../../core/failure.ts";
import type { JsonObject } from "../../core/json.ts";
import { parseDecision } from "../../plan/tool-decision.ts";

const HINT = "`troupe tools ls` shows the tools and how they are.";

/** @param missing tools that were to do it and whose programs are not there */
export function noTool(decision: JsonObject, missing: readonly string[]): TaskFailure {
  const { problem = null, considered = [] } = parseDecision(decision) ?? {};
  const isAny = (verdict: string): boolean => considered.some((one) => one.verdict === verdict);
  if (missing.length > 0) {
    const names = missing.map((name) => `\`${name}\``).join(", ");
    return { class: "permanent", code: "TOOL_MISSING", title: `The program of ${names} does not exist.`, hint: HINT };
  }
  const title = problem ?? "No tool fits what the step asks for.";
  if (isAny("unhealthy")) return { class: "transient", code: "TOOL_UNHEALTHY", title, hint: HINT };
  if (isAny("denied") && !isAny("missing")) return { class: "policy", code: "TOOL_DENIED", title, hint: HINT };
  return { class: "permanent", code: "TOOL_MISSING", title, hint: HINT };
}
