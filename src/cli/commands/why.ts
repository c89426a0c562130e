import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { common } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { shortRunId } from "../render/run-id.ts";
import { renderWaiting } from "../render/waiting.ts";

export const whyCommand = defineCommand({
  description:
    "Tells what a run, or one of its steps, waits for, or why it ended as it did: needs, locks, timers, people, and the step's condition with the value of each of its parts.",
  arguments: [
    { name: "[run]", description: "id, beginning of an id, or @latest (default)" },
    { name: "[step]", description: "one step; without it the run and all steps that have not ended" },
  ],
  options: {
    verbose: { flags: "-v, --verbose", description: "also the events that each statechart would answer" },
    ...common,
  },
  examples: [
    { line: "troupe why", meaning: "what the latest run waits for" },
    { line: "troupe why @latest deploy", meaning: "why one step waits, was skipped or failed" },
  ],
  async run({ context, options, words: [name = "@latest", step] }) {
    await using opened = await openProjectFor(context, options, "existing");
    const { project, output } = opened;
    const runId = project.runId(name);
    const waiting = project.why(runId, step);
    if (output !== "text") {
      printJson(context.terminal, waiting, output);
      return 0;
    }
    const view = project.view(runId);
    const failed = view.steps.flatMap(({ id, error }) => (error?.detail === undefined ? [] : [[id, error.detail] as const]));
    const details = new Map(failed);
    const input = { waiting, title: `${view.workflow} ${shortRunId(runId)}`, now: Date.now(), details, isVerbose: options.verbose };
    printLines(context.terminal, renderWaiting(input, context.terminal.dataLook));
    return 0;
  },
});
