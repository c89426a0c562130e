import { actOnRun } from "../act-on-run.ts";
import { defineCommand } from "../command.ts";
import { BY } from "../drive-run.ts";
import { common, text } from "../option.ts";

export const cancelCommand = defineCommand({
  description:
    "Cancels a run: steps that wait are dropped, those that run are asked to end and killed after their grace. Works from any terminal, whoever drives the run.",
  arguments: [{ name: "<run>", description: "id, beginning of an id, or @latest" }],
  options: {
    reason: { flags: "--reason <text>", description: "kept in the journal", parse: text },
    ...common,
  },
  examples: [{ line: 'troupe cancel @latest --reason "wrong branch"', meaning: "stop the latest run" }],
  run: ({ context, options, words: [run = ""] }) =>
    actOnRun({
      context,
      options,
      run,
      wanted: "canceled",
      async act(driver, runId) {
        await driver.post(runId, { type: "run.cancel", by: BY, reason: options.reason ?? null });
        return runId;
      },
    }),
});
