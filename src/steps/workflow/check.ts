/** What can be said about a workflow step before it runs. That its workflow is sound has been seen when it was embedded. */
import type { StepFinding } from "../../plan/step-type.ts";
import type { CompiledStep } from "../../plan/workflow.ts";

export function checkWorkflowStep({ config, timeout }: CompiledStep): readonly StepFinding[] {
  const findings: StepFinding[] = [];
  if (config.workflow === undefined)
    findings.push({
      code: "WORKFLOW_MISSING",
      severity: "error",
      message: "A workflow step needs `workflow_file` or `workflow`.",
      field: "workflow",
      fix: "Name the file: `workflow_file: child.troupe.yaml`.",
    });
  if (timeout?.then === "skip")
    findings.push({
      code: "WORKFLOW_TIMEOUT",
      severity: "error",
      message: "What waits for another run cannot be skipped by its time limit.",
      field: "timeout",
      fix: "Use `catch: [{ match: { class: timeout }, do: skip }]`, or `then: fallback`.",
    });
  return findings;
}
