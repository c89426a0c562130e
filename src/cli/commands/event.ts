import { answerRuns } from "../answer-runs.ts";
import { defineCommand } from "../command.ts";
import { BY } from "../drive-run.ts";
import { parseJson } from "../input.ts";
import { common, text } from "../option.ts";

export const eventCommand = defineCommand({
  description:
    "Sends an event to the steps that wait for it: those of type wait with `event: <name>`, whose `match` the data fits. Works from any terminal; a run that nobody drives goes on here.",
  arguments: [{ name: "<name>", description: "the event's name" }],
  options: {
    run: { flags: "--run <run>", description: "only to this run (default: to every run that waits for it)", parse: text },
    data: { flags: "--data <json>", description: "becomes `data` of the step's output", parse: text },
    id: { flags: "--id <text>", description: "names this delivery: sent again, no run takes it twice", parse: text },
    ...common,
  },
  examples: [
    { line: "troupe event deployed", meaning: "whoever waits for it goes on" },
    { line: `troupe event paid --data '{"order":7}' --id evt_81`, meaning: "with data, and harmless when it is sent twice" },
  ],
  run: ({ context, options, words: [name = ""] }) =>
    answerRuns(context, options, async (project, driver) => {
      const { sendEvent } = await import("../../main/answer-event.ts");
      const { run, data, id } = options;
      return sendEvent(project, driver, name, {
        by: BY,
        ...(run !== undefined && { run: project.runId(run) }),
        ...(data !== undefined && { data: parseJson(data, "The text of --data") }),
        ...(id !== undefined && { id }),
      });
    }),
});
