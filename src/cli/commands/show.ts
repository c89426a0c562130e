import { defaultMaxWorkers } from "../../main/default-workers.ts";
import { anomaliesOf } from "../../main/report/anomalies.ts";
import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { common, integer, text } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { renderRequest } from "../render/request-text.ts";
import { renderSummary } from "../render/run-summary.ts";
import { forecastRun } from "../run-forecast.ts";
import { gatherSummary } from "../summary.ts";

export const showCommand = defineCommand({
  description:
    "Shows a run: its steps, what it gave, how long it took, or how far it is. With --at, as it was after an entry of its journal.",
  arguments: [{ name: "[run]", description: "id, beginning of an id, or @latest (default)" }],
  options: {
    request: {
      flags: "--request <step>",
      description: "what the latest attempt of this step was asked: inputs, tool, deadline, names of its environment",
      parse: text,
    },
    at: { flags: "--at <seq>", description: "the state after this entry of the journal", parse: integer(1) },
    ...common,
  },
  examples: [
    { line: "troupe show", meaning: "the latest run" },
    { line: "troupe show run_019 --at 12", meaning: "what was known after entry 12 (`troupe events` has the numbers)" },
    { line: "troupe show @latest --request fix", meaning: "what the step's tool was asked" },
    { line: "troupe show @latest -o json", meaning: "with all outputs, for a program" },
  ],
  async run({ context, options, words: [name = "@latest"] }) {
    await using opened = await openProjectFor(context, options, "existing");
    const { project, settings, output } = opened;
    if (options.request !== undefined) {
      const { requestOf } = await import("../../main/execution-requests.ts");
      const runId = project.runId(name);
      const asked = requestOf({ store: project.store, runId, ...project.snapshot(runId) }, options.request);
      if (output !== "text") printJson(context.terminal, asked, output);
      else printLines(context.terminal, renderRequest(asked, context.terminal.dataLook));
      return 0;
    }
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
