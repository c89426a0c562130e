/** What can be said about a template step before it runs. */
import type { StepFinding } from "../../plan/step-type.ts";
import type { CompiledStep } from "../../plan/workflow.ts";

export function checkTemplate({ config }: CompiledStep): readonly StepFinding[] {
  const findings: StepFinding[] = [];
  if (config.template === undefined && config.template_file === undefined) {
    findings.push({
      code: "TEMPLATE_EMPTY",
      severity: "error",
      message: "A template step needs `template` or `template_file`.",
      field: "template",
      fix: "Give one of them.",
    });
  }
  const path = config.path;
  const text = path?.kind === "literal" && typeof path.value === "string" ? path.value : "";
  if (text.startsWith("/") || text.includes("\\") || text.split("/").includes("..")) {
    findings.push({
      code: "PATH_OUTSIDE",
      severity: "error",
      message: `\`${text}\` is not below the workspace.`,
      field: "path",
      fix: "Use a relative path without `..`.",
    });
  }
  return findings;
}
