import { defineCommand } from "../command.ts";
import { decide, decisionOptions, RUN_AND_APPROVAL } from "../decide.ts";
import { text } from "../option.ts";

export const approveCommand = defineCommand({
  description:
    "Approves what a step asks about: shows it, asks you, and sends the digest of what it has shown. Works from any terminal, whoever drives the run; where nobody does, the run goes on here.",
  arguments: RUN_AND_APPROVAL,
  options: {
    field: {
      flags: "--field <name=value>",
      description: "one field of the answer, typed by what is asked; may be given several times",
      parse: text,
      isMany: true,
    },
    ...decisionOptions,
  },
  examples: [
    { line: "troupe approve @latest", meaning: "the one approval that the latest run waits for" },
    { line: 'troupe approve @latest deploy --field ticket=OPS-7 --comment "checked with Ann"', meaning: "with what is asked besides" },
  ],
  run: ({ context, options, words }) => decide({ context, options, words, decision: "approved", fields: options.field }),
});
