import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { common } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { renderRunDiff } from "../render/run-diff.ts";

export const diffCommand = defineCommand({
  description: "Compares two runs: states, attempts, durations and outputs of their steps, and whether definition and input were the same.",
  arguments: [
    { name: "<left>", description: "id, beginning of an id, or @latest" },
    { name: "<right>", description: "the same" },
  ],
  options: common,
  examples: [{ line: "troupe diff run_019a run_019b", meaning: "what a retry changed" }],
  async run({ context, options, words: [left = "", right = ""] }) {
    await using opened = await openProjectFor(context, options, "existing");
    const { project, output } = opened;
    const { computeRunDiff } = await import("../../main/report/run-diff.ts");
    const diff = computeRunDiff(project.view(project.runId(left)), project.view(project.runId(right)));
    if (output !== "text") printJson(context.terminal, diff, output);
    else printLines(context.terminal, renderRunDiff(diff, context.terminal.dataLook));
    return 0;
  },
});
