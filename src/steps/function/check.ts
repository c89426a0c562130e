/** What can be said about a function step without loading any code (S-46). */
import type { StepFinding } from "../../plan/step-type.ts";
import type { CompiledStep } from "../../plan/workflow.ts";

/** The module and export that a `call` names; null for a registered name. */
export function parseCall(call: string): { readonly module: string; readonly name: string } | null {
  const at = call.lastIndexOf("#");
  return at === -1 ? null : { module: call.slice(0, at), name: call.slice(at + 1) };
}

export function checkFunction({ config }: CompiledStep): readonly StepFinding[] {
  const call = literal(config, "call");
  if (typeof call !== "string") return [];
  const parsed = parseCall(call);
  if (parsed === null)
    return literal(config, "cpu") === true
      ? [
          finding(
            "FUNCTION_CPU",
            "`cpu: true` needs a function from a module: a thread cannot reach a registered one.",
            "Write `call: ./module.js#name`.",
          ),
        ]
      : [];
  if (parsed.module === "" || parsed.name === "")
    return [finding("FUNCTION_CALL", `\`${call}\` names no module and export.`, "Write `./module.js#name`.")];
  return [];
}

function literal(config: CompiledStep["config"], name: string): unknown {
  const field = config[name];
  return field?.kind === "literal" ? field.value : undefined;
}

function finding(code: string, message: string, fix: string): StepFinding {
  return { code, severity: "error", message, field: "call", fix };
}
