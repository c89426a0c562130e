/** The fields of an approval step. */
import type { StepTypeDeclaration } from "../../plan/step-type.ts";
import { checkApproval } from "./check.ts";
import { RISK_LEVELS } from "./risk.ts";

const names = { type: ["string", "array"], minLength: 1, minItems: 1, items: { type: "string", minLength: 1 } };

export const approvalDeclaration: StepTypeDeclaration = {
  type: "approval",
  summary: "Waits for a person's decision about exactly what is shown.",
  properties: {
    prompt: { type: "string", minLength: 1, description: "The question." },
    who: { ...names, description: "Names or groups of those who may decide. Default: anybody who may approve." },
    show: { description: "Values that the decision is about. It is bound to a digest of them." },
    fields: {
      type: "object",
      minProperties: 1,
      description: "What is asked besides: JSON Schemas by name (all required that have no default), or one schema of type object.",
    },
    level: { enum: [...RISK_LEVELS], description: "Asks only when the run's risk has this level at least; otherwise it approves itself." },
    min_score: { type: "number", description: "Asks only when the run's risk score is this at least; otherwise it approves itself." },
    expires: {
      type: "object",
      properties: {
        after: { type: ["string", "number"], description: "How long it may take, such as `4h`." },
        // biome-ignore lint/suspicious/noThenProperty: a field of the language
        then: { enum: ["approve", "reject", "escalate"], description: "What happens then. Default: reject." },
        to: { ...names, description: "Who is asked next under `escalate`, for the same time again; then it is rejected." },
      },
      required: ["after"],
      additionalProperties: false,
      description: "What happens when nobody decides.",
    },
    four_eyes: { type: "boolean", description: "Whoever started the run may not decide." },
  },
  required: ["prompt"],
  fields: {
    prompt: "text",
    who: "text",
    show: "text",
    fields: "literal",
    level: "literal",
    min_score: "literal",
    expires: "text",
    four_eyes: "literal",
  },
  inferredBy: null,
  check: checkApproval,
};
