import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { common, integer } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { renderSummary } from "../render/run-summary.ts";
import { gatherSummary } from "../summary.ts";

export const showCommand = defineCommand({
  description: "Shows a run: its steps, what it gave, how long it took. With --at, as it was after an entry of its journal.",
  arguments: [{ name: "[run]", description: "id, beginning of an id, or @latest (default)" }],
  options: {
    at: { flags: "--at <seq>", description: "the state after this entry of the journal", parse: integer(1) },
    ...common,
  },
  examples: [
    { line: "troupe show", meaning: "the latest run" },
    { line: "troupe show run_019 --at 12", meaning: "what was known after entry 12 (`troupe events` has the numbers)" },
    { line: "troupe show @latest -o json", meaning: "with all outputs, for a program" },
  ],
  async run({ context, options, words: [name = "@latest"] }) {
    await using opened = await openProjectFor(context, options, "existing");
    const { project, output } = opened;
    const view = project.view(project.runId(name), options.at);
    if (output !== "text") printJson(context.terminal, view, output);
    else printLines(context.terminal, renderSummary(await gatherSummary(project, view), context.terminal.dataLook));
    return 0;
  },
});
