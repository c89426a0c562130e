/** What conditions and templates see of an event, and what Troupe says of it by itself. */
import { formatDuration } from "../../core/duration.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { toPlainLine } from "../../core/plain-text.ts";
import type { RunRow } from "../../ports/store.ts";

const TEXT_MAX_CHARS = 500;

export interface RunEventInput {
  readonly type: string;
  readonly at: number;
  readonly seq: number;
  readonly key: string;
  /** The run's state after it; null for what happened to a step. */
  readonly to: string | null;
  readonly step: string | null;
  readonly data: JsonObject;
  readonly row: RunRow;
}

export function runFacts({ type, at, seq, key, to, step, data, row }: RunEventInput): JsonObject {
  const { id, workflow, tenant, labels, priority, createdAt, startedAt, costUsd, parent } = row;
  const state = to ?? row.state;
  const failure = failureOf(data);
  const failedStep = step ?? failure?.step ?? null;
  const error: JsonObject | null = failure && { code: failure.code, class: failure.class, title: failure.title, fix: failure.fix };
  return {
    event: { id: key, type, seq, at: iso(at), step, data },
    run: {
      id,
      workflow,
      tenant,
      state,
      labels,
      priority,
      createdAt: iso(createdAt),
      startedAt: startedAt === null ? null : iso(startedAt),
      durationMs: at - (startedAt ?? createdAt),
      costUsd,
      parent,
    },
    step: failedStep,
    error,
    what: line(sentence(type, workflow, failedStep, data)),
    next: nextCommand(type, id, failedStep),
  };
}

export interface BreakerEventInput {
  readonly type: string;
  readonly at: number;
  readonly id: number;
  readonly tenant: string;
  readonly target: string;
  readonly data: JsonObject;
}

export function breakerFacts({ type, at, id, tenant, target, data }: BreakerEventInput): JsonObject {
  const context = isJsonObject(data.context) ? data.context : {};
  const states: Readonly<Record<string, string>> = { "breaker.opened": "is open", "breaker.closed": "is closed again" };
  return {
    event: { id: `audit:${id}`, type, seq: null, at: iso(at), step: null, data: context },
    breaker: { target, tenant, state: data.to ?? null, failures: context.failures ?? null, calls: context.calls ?? null },
    what: line(`The breaker of ${target} ${states[type] ?? "lets a probe through"}`),
    next: `troupe tools log ${target}`,
  };
}

interface Failed {
  readonly step: string | null;
  readonly code: Json;
  readonly class: Json;
  readonly title: Json;
  readonly fix: Json;
}

/** Where an entry tells of a failure: a run's error, an attempt's outcome, or a person's word. */
function failureOf({ error, outcome, failure }: JsonObject): Failed | null {
  const from: JsonObject = isJsonObject(error) ? error : isJsonObject(outcome) ? outcome : { failure: failure ?? null };
  if (!isJsonObject(from.failure)) return null;
  const { code = null, class: kind = null, title = null, hint = null } = from.failure;
  const text = (value: Json): Json => (typeof value === "string" ? line(value) : null);
  return {
    step: typeof from.step === "string" ? from.step : null,
    code: text(code),
    class: text(kind),
    title: text(title),
    fix: text(hint),
  };
}

function sentence(type: string, workflow: string, step: string | null, data: JsonObject): string {
  const where = step === null ? workflow : `Step ${step} of ${workflow}`;
  switch (type) {
    case "run.failed":
      return step === null ? `${workflow} failed` : `${workflow} failed at step ${step}`;
    case "run.quarantined":
      return `${workflow} is stuck and needs a person${typeof data.reason === "string" ? `: ${data.reason}` : ""}`;
    case "run.timed_out":
      return `${workflow} took longer than it may`;
    case "approval.requested":
      return `${workflow} waits for a decision about ${typeof data.title === "string" ? data.title : step}`;
    case "gate.failed":
      return `${where} did not pass its tests`;
    case "merge.conflict":
      return `${where} could not be merged`;
    case "anomaly.detected":
      return `${where} is far from usual: ${String(data.kind)} ${figure(data.observed, data.unit)}`;
    case "attempt.lost":
      return `${where}: nobody knows what became of an attempt`;
    default:
      return `${where} ${WORDS[type.slice(type.indexOf(".") + 1)] ?? type}`;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  started: "has started",
  succeeded: "has succeeded",
  failed: "has failed",
  canceled: "was canceled",
  released: "goes on",
  paused: "was paused",
  retrying: "failed and is tried again",
  skipped: "was skipped",
  timed_out: "took longer than it may",
  quarantined: "is stuck and needs a person",
};

function figure(observed: Json | undefined, unit: Json | undefined): string {
  if (typeof observed !== "number") return "";
  if (unit === "ms") return formatDuration(Math.round(observed));
  return `${observed} ${String(unit)}`;
}

function nextCommand(type: string, run: string, step: string | null): string {
  const at = step === null ? "" : ` ${step}`;
  if (type === "approval.requested") return `troupe approve ${run}${at}`;
  if (type.endsWith(".quarantined")) return "troupe quarantine list";
  if (type === "run.succeeded" || type === "run.started" || type === "anomaly.detected") return `troupe show ${run}`;
  return `troupe why ${run}${at}`;
}

function line(text: string): string {
  return toPlainLine(text, TEXT_MAX_CHARS);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
