import { defineCommand } from "../command.ts";
import { decide, decisionOptions, RUN_AND_APPROVAL } from "../decide.ts";

export const rejectCommand = defineCommand({
  description: "Rejects what a step asks about: the step fails with the code APPROVAL_REJECTED, and nothing repeats it.",
  arguments: RUN_AND_APPROVAL,
  options: decisionOptions,
  examples: [{ line: 'troupe reject @latest deploy --comment "not on a Friday"', meaning: "say no, and why" }],
  run: ({ context, options, words }) => decide({ context, options, words, decision: "rejected", fields: [] }),
});
