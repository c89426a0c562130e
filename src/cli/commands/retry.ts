import { actOnRun } from "../act-on-run.ts";
import { ciOptions, inCi } from "../ci/in-ci.ts";
import { defineCommand } from "../command.ts";
import { usage } from "../input.ts";
import { common, maxWorkersOption, observationOptions } from "../option.ts";

export const retryCommand = defineCommand({
  description: "Runs again what did not succeed, as a new run that takes over all other results. The earlier run stays as it is.",
  arguments: [{ name: "[run]", description: "id, beginning of an id, or @latest (default)" }],
  options: {
    sequential: { flags: "--sequential", description: "one step at a time" },
    maxWorkers: maxWorkersOption,
    ...ciOptions,
    ...observationOptions,
    ...common,
  },
  examples: [{ line: "troupe retry @latest", meaning: "after the reason of a failure is gone" }],
  run: ({ context: outside, options, words: [run = "@latest"] }) =>
    inCi(outside, options, (context) =>
      actOnRun({
        context,
        options,
        run,
        act(driver, runId, { project }) {
          if (project.view(runId).state === "succeeded")
            throw usage(
              "The run has succeeded: nothing is left to run again.",
              "`troupe fork <run> --from <step>` runs it again from a step on.",
            );
          return driver.startFrom(runId, { kind: "retry" }, options.sequential ? { concurrency: 1 } : {});
        },
      }),
    ),
});
