/**
 * The engine's own log for machines: one JSON line for each committed transition and each warning, with the ids by which traces and
 * events name the same thing. Buffered and bounded: a disk that is slow or full costs lines, never a run (I-38).
 */
import { pino } from "pino";
import type { TaskFailure } from "../src/core/failure.ts";
import type { JsonObject } from "../src/core/json.ts";
import { attemptSpanId, runSpanId, stepSpanId, traceIdOf } from "../src/core/trace.ts";
import type { CommittedEntry, ObservedRun, Observer } from "../src/ports/observer.ts";
import { openLineFile } from "./line-file.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface EngineLogOptions {
  /** Absolute path; lines are appended. */
  readonly file: string;
  readonly level: LogLevel;
  /** Hears once that lines cannot be written. */
  readonly warn: (message: string) => void;
}

export interface EngineLog extends AsyncDisposable {
  readonly observers: readonly Observer[];
  /** Takes what the engine wants a person to know. */
  heard(warning: string): void;
}

/** @throws the system's error when the file cannot be opened */
export function openEngineLog({ file, level, warn }: EngineLogOptions): EngineLog {
  let hasWarned = false;
  const lines = openLineFile(file, (problem) => {
    if (!hasWarned) warn(`The log ${file} is incomplete: ${problem}. Runs go on.`);
    hasWarned = true;
  });
  const log = pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: toLabel } }, lines);
  return {
    observers: [{ name: "log", committed: (batch) => batch.forEach(write) }],
    heard: (warning) => log.warn(warning),
    async [Symbol.asyncDispose]() {
      if (lines.lost > 0) log.warn({ lost: lines.lost }, "lines are missing");
      await lines[Symbol.asyncDispose]();
    },
  };

  function write({ run, entry }: CommittedEntry): void {
    const severity = levelOf(entry);
    if (log.isLevelEnabled(severity)) log[severity](fieldsOf(run, entry), entry.type);
  }
}

const toLabel = (label: string): { readonly level: string } => ({ level: label });

const ERRORS: ReadonlySet<string> = new Set(["run.failed", "run.quarantined", "step.failed", "step.quarantined"]);
const WARNINGS: ReadonlySet<string> = new Set(["step.retrying", "step.timed_out", "run.timed_out", "attempt.lost", "attempt.orphaned"]);
const DETAILS: ReadonlySet<string> = new Set([
  "step.ready",
  "step.queued",
  "step.progress",
  "run.progress",
  "attempt.started",
  "attempt.ended",
]);

function levelOf({ type }: CommittedEntry["entry"]): LogLevel {
  if (ERRORS.has(type)) return "error";
  if (WARNINGS.has(type)) return "warn";
  return DETAILS.has(type) ? "debug" : "info";
}

/** Names of OpenTelemetry's log model for what it names, ours for the rest. Payloads stay in the journal: a log is read by more people. */
function fieldsOf(run: ObservedRun, { actor, seq, from, to, data }: CommittedEntry["entry"]): JsonObject {
  const { runId, workflow, tenant } = run;
  const attempt = typeof data.attempt === "number" ? data.attempt : null;
  const failure = failureOf(data);
  return {
    trace_id: traceIdOf(run),
    span_id: actor === "run" ? runSpanId(run) : attempt === null ? stepSpanId(run, actor) : attemptSpanId(run, actor, attempt),
    run_id: runId,
    workflow,
    tenant,
    ...(actor !== "run" && { step_id: actor }),
    ...(attempt !== null && { attempt }),
    seq,
    from,
    to,
    ...(failure !== null && { error: { class: failure.class, code: failure.code, message: failure.title } }),
  };
}

function failureOf({ outcome, error }: JsonObject): TaskFailure | null {
  const held = (outcome ?? error ?? null) as { readonly failure?: TaskFailure } | null; // Written by the kernel as such.
  return held?.failure ?? null;
}
