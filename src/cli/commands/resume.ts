import { RequestError } from "../../core/errors.ts";
import { actOnRun } from "../act-on-run.ts";
import { ciOptions, inCi } from "../ci/in-ci.ts";
import { defineCommand } from "../command.ts";
import { BY } from "../drive-run.ts";
import { common, maxWorkersOption, observationOptions } from "../option.ts";

export const resumeCommand = defineCommand({
  description:
    "Lets an interrupted or paused run go on, driven here. Steps that have ended are not run again; commands that outlived their engine are followed to their end.",
  arguments: [{ name: "[run]", description: "id, beginning of an id, or @latest (default)" }],
  options: { maxWorkers: maxWorkersOption, ...ciOptions, ...observationOptions, ...common },
  examples: [
    { line: "troupe resume", meaning: "the latest run" },
    { line: "troupe recover all", meaning: "every run that was interrupted" },
  ],
  run: ({ context: outside, options, words: [run = "@latest"] }) =>
    inCi(outside, options, (context) =>
      actOnRun({
        context,
        options,
        run,
        async act(driver, runId, { project }) {
          const { state, detail } = project.view(runId);
          if (state === "succeeded" || state === "failed" || state === "canceled")
            throw new RequestError("RUN_ALREADY_FINISHED", { run: runId, state });
          await driver.adopt(runId);
          if (detail === "running.paused") await driver.post(runId, { type: "run.resume", by: BY });
          return runId;
        },
      }),
    ),
});
