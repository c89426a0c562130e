import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { explainRun } from "../explain.ts";
import { common } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { shortRunId } from "../render/run-id.ts";
import { renderWaiting } from "../render/waiting.ts";

export const whyCommand = defineCommand({
  description:
    "Tells what a run, or one of its steps, waits for, or why it ended as it did: needs, locks, places, timers, people; the step's condition with the value of each of its parts; how each attempt ended and why it was repeated or not; what it printed last; and the commands that help.",
  arguments: [
    { name: "[run]", description: "id, beginning of an id, or @latest (default)" },
    { name: "[step]", description: "one step; without it the run and all steps that have not ended" },
  ],
  options: {
    verbose: {
      flags: "-v, --verbose",
      description: "also the events that each statechart would answer, and who brings them; always for one step",
    },
    ...common,
  },
  examples: [
    { line: "troupe why", meaning: "what the latest run waits for" },
    { line: "troupe why @latest deploy", meaning: "why one step waits, was skipped or failed" },
    { line: "troupe why @latest -v", meaning: "and what every statechart would answer now" },
  ],
  async run({ context, options, words: [name = "@latest", step] }) {
    await using opened = await openProjectFor(context, options, "existing");
    const { project, output } = opened;
    const runId = project.runId(name);
    const { view, explanations, isDriven } = await explainRun(project, runId, step);
    if (output !== "text") {
      printJson(context.terminal, explanations, output);
      return 0;
    }
    const failed = view.steps.flatMap(({ id, error }) => (error?.detail === undefined ? [] : [[id, error.detail] as const]));
    const details = new Map(failed);
    const title = `${view.workflow} ${shortRunId(runId)}`;
    // Whoever asks about one step wants to know all of it; that it answers nothing any more is no news.
    const isVerbose = options.verbose || (step !== undefined && explanations.some(({ transitions }) => transitions.length > 0));
    const input = { explanations, title, now: Date.now(), details, isVerbose };
    printLines(context.terminal, renderWaiting(input, context.terminal.dataLook));
    if (isDriven === false) context.terminal.note(`No engine drives this run at the moment: troupe resume ${shortRunId(runId)}\n`);
    return 0;
  },
});
