/** Reads what a report is made of from an open state directory. */
import { computeBaseline, RULES } from "../../../observability/anomaly-baseline.ts";
import { samplesOf } from "../../../observability/anomaly-watch.ts";
import { entriesOf } from "../../../observability/run-entries.ts";
import type { RunComparison, RunReport } from "../../contract/run-report.ts";
import { RequestError } from "../../core/errors.ts";
import type { RunId } from "../../core/ids.ts";
import type { RunRow, RunSample, StoreReader } from "../../ports/store.ts";
import type { Project } from "../project-shape.ts";
import { findAnomalies, historyOf } from "./anomalies.ts";
import { computeComparison } from "./compare.ts";
import { computeRunReport } from "./run-report.ts";

export interface ReportOptions {
  /** What an hour of a person's work costs, for the value of what was saved. @defaultValue unknown */
  readonly usdPerHour?: number;
}

interface Source {
  readonly store: StoreReader;
  readonly snapshot: Project["snapshot"];
}

/** @throws RequestError RUN_NOT_FOUND */
export function readReport(project: Source, runId: RunId, { usdPerHour }: ReportOptions = {}): RunReport {
  const row = rowOf(project.store, runId);
  const { workflow } = project.snapshot(runId);
  const entries = [...entriesOf(project.store, runId)];
  const history = historyOf(project.store, row);
  return computeRunReport({
    workflow,
    entries,
    anomalies: findAnomalies(history, entries),
    usualMs: usualTimes(history),
    usdPerHour: usdPerHour ?? null,
  });
}

/** @throws RequestError RUN_NOT_FOUND */
export function readComparison(project: Source, left: RunId, right: RunId): RunComparison {
  const rows = [rowOf(project.store, left), rowOf(project.store, right)].sort((one, other) => one.createdAt - other.createdAt);
  const [earlier = [], later = []] = rows.map((row) => historyOf(project.store, row));
  return computeComparison({ left: readReport(project, left), right: readReport(project, right), histories: { earlier, later } });
}

function rowOf(store: StoreReader, runId: RunId): RunRow {
  const row = store.run(runId);
  if (row === null) throw new RequestError("RUN_NOT_FOUND", { run: runId });
  return row;
}

function usualTimes(history: readonly RunSample[]): ReadonlyMap<string, number> {
  const { of } = RULES.duration;
  const steps = new Set(history.flatMap((run) => [...run.steps.keys()]));
  return new Map([...steps].map((step) => [step, computeBaseline("duration", samplesOf(step, of, history)).median]));
}
