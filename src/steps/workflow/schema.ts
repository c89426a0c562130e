/** The fields of a workflow step. */
import type { StepTypeDeclaration } from "../../plan/step-type.ts";
import { checkWorkflowStep } from "./check.ts";

export const workflowDeclaration: StepTypeDeclaration = {
  type: "workflow",
  summary: "Runs another workflow as a run of its own and waits for its end.",
  properties: {
    workflow: { type: "object", description: "The workflow, written out." },
    workflow_file: {
      type: "string",
      minLength: 1,
      description: "File with the workflow, relative to this one; read when this one is, and hashed into it.",
    },
    with: { type: "object", description: "Input of the run; values with `{{ … }}`." },
  },
  required: [],
  fields: { workflow: "literal", workflow_file: "literal", with: "text" },
  inferredBy: "workflow",
  embeds: ["workflow"],
  check: checkWorkflowStep,
};
