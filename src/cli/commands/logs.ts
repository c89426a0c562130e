import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { createLogPrinter } from "../log-printer.ts";
import { common, integer } from "../option.ts";

export const logsCommand = defineCommand({
  description:
    "Shows what the steps of a run printed, attempt by attempt in the order of their starts, stdout before stderr. Control bytes are taken out.",
  arguments: [
    { name: "[run]", description: "id, beginning of an id, or @latest (default)" },
    { name: "[step]", description: "one step; without it all of them" },
  ],
  options: {
    follow: { flags: "-f, --follow", description: "go on until the run is at rest, lines as they are printed" },
    attempt: { flags: "--attempt <n>", description: "only this attempt of each step", parse: integer(1) },
    raw: { flags: "--raw", description: "the bytes as they were printed, without names before the lines" },
    ...common,
  },
  examples: [
    { line: "troupe logs @latest build", meaning: "what one step printed" },
    { line: "troupe logs -f", meaning: "everything the latest run prints, as it does" },
    { line: "troupe logs @latest build --raw > build.log", meaning: "exactly what it printed" },
  ],
  async run({ context, options, words: [name = "@latest", step] }) {
    const { terminal } = context;
    await using opened = await openProjectFor(context, options, "existing");
    const { project, output } = opened;
    const runId = project.runId(name);
    if (step !== undefined) project.why(runId, step);
    const printer = createLogPrinter({ terminal, project, runId, step, attempt: options.attempt, isRaw: options.raw, output });
    printer.printNew();
    if (!options.follow) {
      printer.end();
      if (printer.bytes === 0) terminal.note("Nothing was printed.\n");
      return 0;
    }
    const timer = setInterval(() => printer.printNew(), 100);
    try {
      for await (const event of project.events(runId, { follow: true })) void event;
    } finally {
      clearInterval(timer);
    }
    printer.printNew();
    printer.end();
    return 0;
  },
});
