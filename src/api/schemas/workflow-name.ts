/** How workflows and their versions are named in requests. */
import { Type } from "typebox";

export const workflowName = (description = "Name of a workflow.") =>
  Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_.-]*$", maxLength: 100, description });
export const workflowVersion = (description = "One of its versions; the last one where it is not said.") =>
  Type.String({ pattern: "^[0-9a-f]{64}$", description });
