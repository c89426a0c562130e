/**
 * Reports as OpenMetrics 1.0 text. Every sample carries the time of the run's end, so that `promtool tsdb create-blocks-from openmetrics` can
 * load the history of runs into Prometheus. Names begin with `troupe_report_`: they are figures of single runs, not what an engine counts.
 */
import type { RunReport, StepReport } from "../../contract/run-report.ts";

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly atMs: number;
}

interface Family {
  readonly name: string;
  readonly unit: "seconds" | "bytes" | "";
  readonly help: string;
  of(report: RunReport): readonly Omit<Sample, "atMs">[];
}

const MS_PER_SECOND = 1_000;
const PHASES = { blocked: "blockedMs", queue: "queueMs", run: "runMs", retry: "retryMs", held: "heldMs" } as const;

function ofRun(name: string, unit: Family["unit"], help: string, value: (report: RunReport) => number | null): Family {
  return { name: `troupe_report_run_${name}`, unit, help, of: (report) => toSamples(runLabels(report), value(report)) };
}

function ofSteps(name: string, unit: Family["unit"], help: string, value: (step: StepReport) => number | null): Family {
  const of = (report: RunReport) => report.steps.flatMap((step) => toSamples({ ...runLabels(report), step: step.id }, value(step)));
  return { name: `troupe_report_step_${name}`, unit, help, of };
}

const FAMILIES: readonly Family[] = [
  ofRun("elapsed_seconds", "seconds", "From the start of the run to its end.", ({ time }) => time.elapsedMs / MS_PER_SECOND),
  ofRun("work_seconds", "seconds", "Own time of all attempts.", ({ time }) => time.workMs / MS_PER_SECOND),
  ofRun(
    "critical_path_seconds",
    "seconds",
    "Length of the chain that made the run as long as it was.",
    ({ criticalPath }) => criticalPath.totalMs / MS_PER_SECOND,
  ),
  ofRun("speedup_ratio", "", "Work divided by elapsed time.", ({ parallel }) => parallel.speedup),
  ofRun("efficiency_ratio", "", "Speed-up for each place that was used at once.", ({ parallel }) => parallel.efficiency),
  ofRun("cost_usd", "", "Dollars spent.", ({ cost }) => cost.usd),
  ofRun("wasted_usd", "", "Dollars spent on attempts that did not succeed.", ({ cost }) => cost.wastedUsd),
  ofRun("saved_seconds", "seconds", "Declared time of a person less the time of the steps that declare it.", ({ savings }) =>
    savings.declaredSteps === 0 ? null : savings.savedMs / MS_PER_SECOND,
  ),
  ofRun(
    "first_attempt_ratio",
    "",
    "Share of executed steps that succeeded at their first attempt.",
    ({ quality }) => quality.firstAttemptRate,
  ),
  ofRun("anomalies", "", "Figures of steps that were far from usual.", ({ anomalies }) => anomalies.length),
  {
    name: "troupe_report_step_phase_seconds",
    unit: "seconds",
    help: "Where the time of a step went, from the start of its run to its end.",
    of: (report) =>
      report.steps.flatMap((step) =>
        Object.entries(PHASES).flatMap(([phase, key]) =>
          toSamples({ ...runLabels(report), step: step.id, phase }, step[key] / MS_PER_SECOND),
        ),
      ),
  },
  ofSteps("took_seconds", "seconds", "From the start of the first attempt to the end of the step.", ({ tookMs }) =>
    tookMs === null ? null : tookMs / MS_PER_SECOND,
  ),
  ofSteps("attempts", "", "Attempts of a step.", ({ attempts }) => attempts.length),
  ofSteps("cost_usd", "", "Dollars spent on a step.", ({ costUsd }) => costUsd),
  ofSteps("output_bytes", "bytes", "Size of a step's output as JSON.", ({ outputBytes }) => outputBytes),
];

export function renderOpenMetrics(reports: readonly RunReport[]): string {
  const lines = FAMILIES.flatMap(({ name, unit, help, of }) => {
    const samples = reports.flatMap((report) => of(report).map((sample) => ({ ...sample, atMs: report.run.endedAt ?? report.asOf })));
    if (samples.length === 0) return [];
    const unitLine = unit === "" ? [] : [`# UNIT ${name} ${unit}`];
    return [
      `# TYPE ${name} gauge`,
      ...unitLine,
      `# HELP ${name} ${escapeText(help)}`,
      ...samples.map((sample) => sampleLine(name, sample)),
    ];
  });
  return `${[...lines, "# EOF"].join("\n")}\n`;
}

function runLabels({ run }: RunReport): Readonly<Record<string, string>> {
  return { run: run.id, workflow: run.workflow, tenant: run.tenant, state: run.state };
}

function toSamples(labels: Readonly<Record<string, string>>, value: number | null): readonly Omit<Sample, "atMs">[] {
  return value === null ? [] : [{ labels, value }];
}

function sampleLine(name: string, { labels, value, atMs }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeText(text)}"`);
  return `${name}{${pairs.join(",")}} ${value} ${(atMs / MS_PER_SECOND).toFixed(3)}`;
}

function escapeText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
