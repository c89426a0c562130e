import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { BY } from "../drive-run.ts";
import { common } from "../option.ts";
import { printJson } from "../print.ts";
import { shortRunId } from "../render/run-id.ts";

export const pauseCommand = defineCommand({
  description: "Lets a run start nothing more. Steps that run go on to their end; `troupe resume` lets the run go on.",
  arguments: [{ name: "<run>", description: "id, beginning of an id, or @latest" }],
  options: common,
  examples: [{ line: "troupe pause @latest", meaning: "hold the latest run" }],
  async run({ context, options, words: [run = ""] }) {
    await using opened = await openProjectFor(context, options, "existing");
    const { project, output } = opened;
    const runId = project.runId(run);
    await using driver = await project.drive({});
    await driver.post(runId, { type: "run.pause", by: BY });
    if (output === "text") context.terminal.data(`${runId} is paused\n`);
    else printJson(context.terminal, project.view(runId), output);
    context.terminal.note(`Go on with: troupe resume ${shortRunId(runId)}\n`);
    return 0;
  },
});
