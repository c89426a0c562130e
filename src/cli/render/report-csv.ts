/** Reports as CSV (RFC 4180): one line for each step of each run, for spreadsheets and data frames. */
import type { RunReport, StepReport } from "../../contract/run-report.ts";

type Value = string | number | boolean | null;

const RUN_COLUMNS: Readonly<Record<string, (report: RunReport) => Value>> = {
  run: ({ run }) => run.id,
  workflow: ({ run }) => run.workflow,
  definition_hash: ({ run }) => run.definitionHash,
  tenant: ({ run }) => run.tenant,
  run_state: ({ run }) => run.state,
  run_started_at: ({ run }) => isoText(run.startedAt),
  run_ended_at: ({ run }) => isoText(run.endedAt),
  run_elapsed_ms: ({ time }) => time.elapsedMs,
};

const STEP_COLUMNS: Readonly<Record<string, (step: StepReport) => Value>> = {
  step: ({ id }) => id,
  type: ({ type }) => type,
  state: ({ state }) => state,
  reused: ({ isReused }) => isReused,
  started_at: ({ startedAt }) => isoText(startedAt),
  ended_at: ({ endedAt }) => isoText(endedAt),
  took_ms: ({ tookMs }) => tookMs,
  blocked_ms: ({ blockedMs }) => blockedMs,
  queue_ms: ({ queueMs }) => queueMs,
  run_ms: ({ runMs }) => runMs,
  retry_ms: ({ retryMs }) => retryMs,
  held_ms: ({ heldMs }) => heldMs,
  work_ms: ({ workMs }) => workMs,
  attempts: ({ attempts }) => attempts.length,
  cost_usd: ({ costUsd }) => costUsd,
  output_bytes: ({ outputBytes }) => outputBytes,
  manual_minutes: ({ manualMinutes }) => manualMinutes,
  skipped_because: ({ skippedBecause }) => skippedBecause,
};

export function renderCsv(reports: readonly RunReport[]): string {
  const head = [...Object.keys(RUN_COLUMNS), ...Object.keys(STEP_COLUMNS)];
  const rows = reports.flatMap((report) => {
    const run = Object.values(RUN_COLUMNS).map((of) => of(report));
    return report.steps.map((step) => [...run, ...Object.values(STEP_COLUMNS).map((of) => of(step))]);
  });
  return [head, ...rows].map((row) => `${row.map(toField).join(",")}\r\n`).join("");
}

function toField(value: Value): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  // A spreadsheet would compute what begins so; nothing of ours is a formula.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function isoText(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
