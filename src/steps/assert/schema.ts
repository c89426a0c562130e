/** The fields of an assert step. */
import type { StepTypeDeclaration } from "../../plan/step-type.ts";
import { checkAssert } from "./check.ts";

export const assertDeclaration: StepTypeDeclaration = {
  type: "assert",
  summary: "Fails unless its conditions hold, and shows what every part of them was.",
  properties: {
    check: { type: "string", minLength: 1, description: "A condition that has to hold." },
    message: { type: "string", description: "What to say when `check` does not hold." },
    checks: {
      type: "array",
      minItems: 1,
      description: "Several conditions; all of them are looked at.",
      items: {
        type: "object",
        properties: {
          check: { type: "string", minLength: 1, description: "A condition that has to hold." },
          message: { type: "string", description: "What to say when it does not." },
        },
        required: ["check"],
        additionalProperties: false,
      },
    },
    severity: {
      enum: ["error", "warn"],
      description: "`warn` lets the step succeed and lists what did not hold in its output. Default: error.",
    },
  },
  required: [],
  fields: { check: "condition", message: "text", "checks[].check": "condition", "checks[].message": "text", severity: "literal" },
  inferredBy: "check",
  check: checkAssert,
};
