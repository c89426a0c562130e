/**
 * The engine's own log for machines: one JSON line for each committed transition and each warning, with the ids by which traces and
 * events name the same thing. Buffered and bounded: a disk that is slow or full costs lines, never a run (I-38).
 */
import { openSync } from "node:fs";
import { pino } from "pino";
import type { TaskFailure } from "../src/core/failure.ts";
import type { JsonObject } from "../src/core/json.ts";
import { attemptSpanId, runSpanId, stepSpanId, traceIdOf } from "../src/core/trace.ts";
import type { CommittedEntry, ObservedRun, Observer } from "../src/ports/observer.ts";

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

/** Lines wait up to this size for each other. */
const BUFFER_BYTES = 4_096;
/** More than this is not held for a disk that does not take it. */
const HELD_BYTES_MAX = 4 * 1024 * 1024;
const CLOSE_MAX_MS = 2_000;

/** @throws the system's error when the file cannot be opened */
export function openEngineLog({ file, level, warn }: EngineLogOptions): EngineLog {
  // Opened here: a stream that cannot open its file throws once more when the process ends.
  const fd = openSync(file, "a", 0o600);
  const stream = pino.destination({ fd, sync: false, minLength: BUFFER_BYTES, maxLength: HELD_BYTES_MAX });
  let dropped = 0;
  let hasWarned = false;
  const failed = (problem: string): void => {
    if (!hasWarned) warn(`The log ${file} is incomplete: ${problem}. Runs go on.`);
    hasWarned = true;
  };
  stream.on("error", (error: Error) => failed(error.message));
  stream.on("drop", () => {
    dropped += 1;
    failed("it takes lines more slowly than they come");
  });
  const log = pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: toLabel } }, stream);
  const flushing = setInterval(() => stream.flush(), 1_000).unref();
  return {
    observers: [{ name: "log", committed: (batch) => batch.forEach(write) }],
    heard: (warning) => log.warn(warning),
    async [Symbol.asyncDispose]() {
      clearInterval(flushing);
      if (dropped > 0) log.warn({ dropped }, "lines are missing");
      const closed = new Promise<void>((resolve) => stream.once("close", resolve).once("error", () => resolve()));
      stream.end();
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, CLOSE_MAX_MS).unref())]);
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
