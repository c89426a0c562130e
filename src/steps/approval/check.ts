/** What can be said about an approval step before it runs. */
import { parseDurationMs } from "../../core/duration.ts";
import { isJsonObject } from "../../core/json.ts";
import type { Field } from "../../plan/field.ts";
import type { StepFinding } from "../../plan/step-type.ts";
import type { CompiledStep } from "../../plan/workflow.ts";

export function checkApproval({ config, timeout, retry }: CompiledStep): readonly StepFinding[] {
  const findings: StepFinding[] = [];
  const say = (severity: StepFinding["severity"], field: string, message: string, fix: string): void => {
    findings.push({ code: "APPROVAL", severity, message, field, fix });
  };
  const after = member(config.expires, "after");
  const then = constant(member(config.expires, "then"));
  const to = member(config.expires, "to");
  if (after?.kind === "literal" && parseDurationMs(after.value as string | number) === null)
    say("error", "expires.after", `\`${String(after.value)}\` is no duration.`, "Write one such as `4h`.");
  if (then === "escalate" && to === undefined) say("error", "expires", "It does not say who is asked next.", "Add `to: [name]`.");
  if (then !== "escalate" && to !== undefined) say("error", "expires.to", "`to` is for `then: escalate` only.", "Remove it, or escalate.");
  if (then === "approve" && config.level === undefined && config.min_score === undefined)
    say("warning", "expires.then", "It is approved when nobody looks at it, however risky it is.", "Use `reject`, or ask by `level` only.");
  if (config.level !== undefined && config.min_score !== undefined)
    say("error", "min_score", "`level` and `min_score` say the same in two ways.", "Keep one of them.");
  if (timeout !== null) say("error", "timeout", "A person is not stopped at a time limit.", "Use `expires: { after: …, then: reject }`.");
  if (retry.max > 0 && (retry.on.includes("policy") || retry.statuses.length > 0))
    say("warning", "retry", "What a person has rejected would be asked again.", "Remove `policy` from `retry.on`.");
  return findings;
}

function member(field: Field | undefined, name: string): Field | undefined {
  if (field?.kind === "map") return Object.hasOwn(field.entries, name) ? field.entries[name] : undefined;
  if (field?.kind !== "literal" || !isJsonObject(field.value)) return undefined;
  const value = field.value[name];
  return value === undefined ? undefined : { kind: "literal", value };
}

function constant(field: Field | undefined): unknown {
  return field?.kind === "literal" ? field.value : undefined;
}
