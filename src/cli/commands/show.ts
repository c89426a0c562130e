import { defaultMaxWorkers } from "../../main/default-workers.ts";
import { anomaliesOf } from "../../main/report/anomalies.ts";
import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { common, integer } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { renderSummary } from "../render/run-summary.ts";
import { forecastRun } from "../run-forecast.ts";
import { gatherSummary } from "../summary.ts";

export const showCommand = defineCommand({
  description:
    "Shows a run: its steps, what it gave, how long it took, or how far it is. With --at, as it was after an entry of its journal.",
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
    const { project, settings, output } = opened;
    const view = project.view(project.runId(name), options.at);
    const workers = settings.values.max_workers || defaultMaxWorkers();
    // Of the past, everybody knows how it went on.
    const forecast = options.at === undefined ? await forecastRun(project, view, workers) : null;
    if (output !== "text") {
      const anomalies = anomaliesOf(project.store, project.runId(view.id), options.at);
      printJson(context.terminal, { ...view, forecast, anomalies }, output);
    } else {
      const input = { ...(await gatherSummary(project, view, options.at)), forecast };
      printLines(context.terminal, renderSummary(input, context.terminal.dataLook));
    }
    return 0;
  },
});
