/** The fields of a function step. */
import type { StepTypeDeclaration } from "../../plan/step-type.ts";
import { checkFunction } from "./check.ts";

export const functionDeclaration: StepTypeDeclaration = {
  type: "function",
  summary: "Calls a JavaScript or TypeScript function with JSON and takes JSON back.",
  properties: {
    call: {
      type: "string",
      minLength: 1,
      description: "`module#export` with a path relative to the workflow, or the name of a registered function.",
    },
    with: { description: "The function's input. Default: an empty map." },
    cpu: {
      type: "boolean",
      description: "Runs it on a worker thread, so that long computing does not hold up the engine. Needs `module#export`.",
    },
  },
  required: ["call"],
  fields: { call: "literal", with: "text", cpu: "literal" },
  inferredBy: "call",
  check: checkFunction,
};
