import { type CommandGroup, defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { common, OptionProblem, oneOf } from "../option.ts";
import { printJson, printLines, printList } from "../print.ts";
import { renderAnomalies } from "../render/anomaly-text.ts";
import { renderComparison } from "../render/report-comparison.ts";
import { renderCsv } from "../render/report-csv.ts";
import { renderOpenMetrics } from "../render/report-open-metrics.ts";
import { renderReport } from "../render/report-text.ts";

const hourlyUsdOption = {
  flags: "--hourly-usd <usd>",
  description: "what an hour of a person's work costs; gives the value of what was saved, and the return on the cost",
  parse(text: string): number {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
    if (value <= 0) throw new OptionProblem("It is a number of dollars above 0.");
    return value;
  },
} as const;

const FORMATS = ["json", "jsonl", "csv", "openmetrics"] as const;
const exportFormat = oneOf(FORMATS);

const withRate = (usdPerHour: number | undefined): { usdPerHour?: number } => (usdPerHour === undefined ? {} : { usdPerHour });

const showCommand = defineCommand({
  description:
    "Shows the figures of a run: where the time of each step went (blocked, queued, running, between attempts), the chain of steps that made the run as long as it was, speed-up, what was taken over, cost, the time saved against the minutes that `cost.manual_minutes` declares, first-attempt success, and what was unusual. All of it is read from the journal; for a run that goes on it is true of the last entry.",
  arguments: [{ name: "[run]", description: "id, beginning of an id, or @latest (default)" }],
  options: { hourlyUsd: hourlyUsdOption, ...common },
  examples: [
    { line: "troupe metrics show", meaning: "the latest run" },
    { line: "troupe metrics show run_019 --hourly-usd 80", meaning: "was it worth it?" },
    { line: "troupe metrics show -o json | jq .criticalPath", meaning: "for a program" },
  ],
  async run({ context: { terminal }, context, options, words: [name = "@latest"] }) {
    await using opened = await openProjectFor(context, options, "existing");
    const { project, output } = opened;
    const { readReport } = await import("../../main/report/read-report.ts");
    const report = readReport(project, project.runId(name), withRate(options.hourlyUsd));
    if (output !== "text") printJson(terminal, report, output);
    else {
      const look = terminal.dataLook;
      printLines(terminal, [...renderReport(report, look), ...renderAnomalies(report.run.id, report.anomalies, look)]);
    }
    return 0;
  },
});

const exportCommand = defineCommand({
  description:
    "Writes the figures of runs for other programs: JSON (as `metrics show -o json`), one JSON document a line, CSV with a line for each step, or OpenMetrics text with the time of each run's end.",
  arguments: [{ name: "[runs...]", description: "ids, beginnings of ids, or @latest (default)" }],
  options: {
    format: {
      flags: "--format <format>",
      description: "json (default), jsonl, csv or openmetrics",
      parse: exportFormat,
      choices: FORMATS,
    },
    hourlyUsd: hourlyUsdOption,
    ...common,
  },
  examples: [
    { line: "troupe metrics export run_019a run_019b --format csv > steps.csv", meaning: "for a spreadsheet" },
    {
      line: "troupe list -o jsonl | jq -r .id | xargs troupe metrics export --format openmetrics > runs.om",
      meaning: "to load old runs into Prometheus with promtool",
    },
  ],
  async run({ context: { terminal }, context, options, words }) {
    await using opened = await openProjectFor(context, options, "existing");
    const { project, output } = opened;
    const { readReport } = await import("../../main/report/read-report.ts");
    const names = words.length === 0 ? ["@latest"] : words;
    const reports = names.map((name) => readReport(project, project.runId(name), withRate(options.hourlyUsd)));
    const format = options.format ?? (output === "jsonl" ? "jsonl" : "json");
    if (format === "csv") terminal.data(renderCsv(reports));
    else if (format === "openmetrics") terminal.data(renderOpenMetrics(reports));
    else printList(terminal, reports, format);
    return 0;
  },
});

const compareCommand = defineCommand({
  description:
    "Compares the figures of two runs, and says which differences of steps are more than what ordinary runs differ by: held against the runs that had ended before the earlier of the two, by a robust score above 3.5 for the difference of two values. With too little history it says so.",
  arguments: [
    { name: "<left>", description: "id, beginning of an id, or @latest" },
    { name: "<right>", description: "the same" },
  ],
  options: common,
  examples: [{ line: "troupe metrics compare run_019a @latest", meaning: "what became slower or dearer?" }],
  async run({ context: { terminal }, context, options, words: [left = "", right = ""] }) {
    await using opened = await openProjectFor(context, options, "existing");
    const { project, output } = opened;
    const { readComparison } = await import("../../main/report/read-report.ts");
    const comparison = readComparison(project, project.runId(left), project.runId(right));
    if (output !== "text") printJson(terminal, comparison, output);
    else printLines(terminal, renderComparison(comparison, terminal.dataLook));
    return 0;
  },
});

export const metricsCommand: CommandGroup = {
  description: "Figures of runs: time, cost, savings and quality, each computed from the journal.",
  subcommands: {
    show: { ...showCommand, summary: "show the figures of a run" },
    export: { ...exportCommand, summary: "write figures of runs for other programs" },
    compare: { ...compareCommand, summary: "compare the figures of two runs" },
  },
};
