/** What can be said about a workflow step before it runs. That its workflow is sound has been seen when it was embedded. */
import type { StepFinding } from "../../plan/step-type.ts";
import type { CompiledStep } from "../../plan/workflow.ts";

export function checkWorkflowStep({ config }: CompiledStep): readonly StepFinding[] {
  if (config.workflow !== undefined) return [];
  return [
    {
      code: "WORKFLOW_MISSING",
      severity: "error",
      message: "A workflow step needs `workflow_file` or `workflow`.",
      field: "workflow",
      fix: "Name the file: `workflow_file: child.troupe.yaml`.",
    },
  ];
}
