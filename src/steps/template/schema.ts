/** The fields of a template step. */
import type { StepTypeDeclaration } from "../../plan/step-type.ts";
import { checkTemplate } from "./check.ts";

export const templateDeclaration: StepTypeDeclaration = {
  type: "template",
  summary: "Renders a template into a file of the workspace, or into its output.",
  properties: {
    template: { type: "string", description: "Text with `{{ … }}`, `{% if %}`, `{% for %}`, `{% set %}`." },
    template_file: {
      type: "string",
      minLength: 1,
      description: "File with the template, relative to the workflow; read when the workflow is.",
    },
    path: {
      type: "string",
      minLength: 1,
      description: "File to write, relative to the workspace. Without it the text is the step's output.",
    },
  },
  required: [],
  fields: { template: "template", template_file: "literal", path: "text" },
  inferredBy: "template",
  check: checkTemplate,
};
