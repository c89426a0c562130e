import { actOnRun } from "../act-on-run.ts";
import { defineCommand } from "../command.ts";
import { usage } from "../input.ts";
import { common, maxWorkersOption, observationOptions, text } from "../option.ts";

export const forkCommand = defineCommand({
  description:
    "Runs a step and all that needs it again, as a new run that takes over the results of all other steps. The earlier run stays as it is.",
  arguments: [{ name: "<run>", description: "id, beginning of an id, or @latest" }],
  options: {
    from: { flags: "--from <step>", description: "the first step to run again (needed)", parse: text },
    sequential: { flags: "--sequential", description: "one step at a time" },
    maxWorkers: maxWorkersOption,
    ...observationOptions,
    ...common,
  },
  examples: [{ line: "troupe fork @latest --from package", meaning: "everything from `package` on, once more" }],
  run: ({ context, options, words: [run = ""] }) => {
    const { from, sequential } = options;
    if (from === undefined) throw usage("`troupe fork` needs --from <step>.", "`troupe show` lists a run's steps.");
    return actOnRun({
      context,
      options,
      run,
      act: (driver, runId) => driver.startFrom(runId, { kind: "fork", from }, sequential ? { concurrency: 1 } : {}),
    });
  },
});
