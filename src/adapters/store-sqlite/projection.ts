/**
 * What entries mean for the rows that lists and look-ups read. Pure: the writer feeds it what it commits, `rebuild` feeds it the
 * whole journal, and both end with the same rows.
 */

import { InvariantError } from "../../core/errors.ts";
import { parseItemId } from "../../core/item-id.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { toNanos } from "../../core/usd.ts";
import type { EntryColumns } from "./entry-text.ts";

/** The live timer of an actor; null clears it, `keep` leaves it as it is. */
export type TimerChange = { readonly timer: string; readonly dueAt: number } | null | "keep";

export interface RunCreation {
  readonly tenant: string;
  readonly workflow: string;
  readonly definition: string;
  readonly priority: number;
  readonly input: string;
  readonly labels: string;
  readonly parent: string | null;
  readonly stepsTotal: number;
  readonly createdAt: number;
}

export interface RunChange {
  readonly run: number;
  readonly firstSeq: number;
  lastSeq: number;
  created: RunCreation | null;
  /** State before the run's own first entry here, and after its last; null while only steps moved. */
  from: string | null;
  state: string | null;
  stepsDone: number;
  stepsActive: number;
  costNanos: number;
  startedAt: number | null;
  endedAt: number | null;
  timer: TimerChange;
  output: string | null;
  error: string | null;
}

export interface StepChange {
  readonly run: number;
  readonly step: string;
  /** State before the first entry; null when the step had no row. */
  readonly from: string | null;
  state: string;
  attempt: number | null;
  startedAt: number | null;
  endedAt: number | null;
  timer: TimerChange;
  /** What it waits for, if an entry here parked it. */
  parkedOn: string | null;
  costNanos: number;
}

export interface AttemptStart {
  readonly startedAt: number;
  readonly epoch: number;
}

export interface AttemptEnd {
  readonly tool: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number;
  readonly outcome: string;
  readonly error: string | null;
  /** Billionths of a dollar: sums of integers do not depend on how entries were batched. */
  readonly costNanos: number | null;
}

export interface AttemptChange {
  readonly run: number;
  readonly step: string;
  readonly attempt: number;
  start: AttemptStart | null;
  /** The first recorded one stays (I-3). */
  end: AttemptEnd | null;
}

/** Rows to write; maps keep the order in which they were first touched. */
export interface Changes {
  readonly runs: Map<number, RunChange>;
  readonly steps: Map<string, StepChange>;
  readonly attempts: Map<string, AttemptChange>;
  readonly blobUses: { readonly run: number; readonly hash: string }[];
}

const STEP_OUTCOMES: ReadonlySet<string> = new Set(["succeeded", "failed", "skipped", "canceled"]);
const RUN_OUTCOMES: ReadonlySet<string> = new Set(["succeeded", "failed", "canceled"]);
/** Attempts that have done their part while their step goes on. */
const RESTS: Readonly<Record<string, string>> = { "attempt.parked": "parked", "attempt.fanned": "fanned" };
const INITIAL_STATES: ReadonlySet<string> = new Set(["", "pending.blocked"]);

export function createChanges(): Changes {
  return { runs: new Map(), steps: new Map(), attempts: new Map(), blobUses: [] };
}

export function toTopState(state: string): string {
  const dot = state.indexOf(".");
  return dot < 0 ? state : state.slice(0, dot);
}

/** A step in one of these holds or asks for a place. */
function isActive(state: string): boolean {
  return state === "pending.queued" || state.startsWith("running");
}

/** Adds one entry. `epoch` is the engine that wrote it, `data` the entry's payload. */
export function project(changes: Changes, run: number, entry: EntryColumns, data: JsonObject, epoch: number): void {
  const change = runChangeOf(changes, run, entry.seq);
  change.lastSeq = entry.seq;
  if (entry.actor === "run") projectRun(change, entry, data);
  else projectStep(changes, change, entry, data, epoch);
  if (entry.data.includes('"$blob"')) {
    for (const [, hash = ""] of entry.data.matchAll(/"\$blob":"([0-9a-f]{64})"/g)) changes.blobUses.push({ run, hash });
  }
}

function runChangeOf(changes: Changes, run: number, firstSeq: number): RunChange {
  let change = changes.runs.get(run);
  if (change === undefined) {
    change = {
      run,
      firstSeq,
      lastSeq: firstSeq,
      created: null,
      from: null,
      state: null,
      stepsDone: 0,
      stepsActive: 0,
      costNanos: 0,
      startedAt: null,
      endedAt: null,
      timer: "keep",
      output: null,
      error: null,
    };
    changes.runs.set(run, change);
  }
  return change;
}

function projectRun(change: RunChange, entry: EntryColumns, data: JsonObject): void {
  const { to, at } = entry;
  if (entry.seq === 1) change.created = readCreation(data, at);
  if (change.state === null) change.from = entry.from;
  else if (change.state !== entry.from) throw refused(entry, change.state);
  change.state = to;
  if (change.startedAt === null && to.startsWith("running")) change.startedAt = at;
  if (RUN_OUTCOMES.has(to)) change.endedAt = at;
  // The run's limit lives as long as the run is running.
  change.timer = to.startsWith("running") ? (readTimer(data) ?? (data.dueAt === null ? null : change.timer)) : null;
  if (data.output !== undefined) change.output = JSON.stringify(data.output);
  if (data.error !== undefined) change.error = JSON.stringify(data.error);
}

function readCreation(data: JsonObject, at: number): RunCreation {
  const start = isJsonObject(data.start) ? data.start : {};
  const parent = isJsonObject(start.parent) ? start.parent.runId : null;
  return {
    tenant: String(start.tenant),
    workflow: String(start.workflow),
    definition: String(start.definition),
    priority: Number(start.priority),
    input: JSON.stringify(start.input ?? null),
    labels: JSON.stringify(start.labels ?? {}),
    parent: typeof parent === "string" ? parent : null,
    stepsTotal: Number(data.stepsTotal ?? 0),
    createdAt: at,
  };
}

function projectStep(changes: Changes, run: RunChange, entry: EntryColumns, data: JsonObject, epoch: number): void {
  const { actor: step, from, to, at, type } = entry;
  const change = stepChangeOf(changes, run.run, entry);
  const attempt = readNumber(data.attempt);
  if (attempt !== null) change.attempt = attempt;
  if (to === "running.executing" && from !== to && attempt !== null && (type === "step.started" || type === "attempt.started")) {
    change.startedAt ??= at;
    attemptChangeOf(changes, run.run, step, attempt).start = { startedAt: at, epoch: readNumber(data.epoch) ?? epoch };
  }
  if (isJsonObject(data.outcome) && attempt !== null) {
    const end = readEnd(data, data.outcome, at);
    attemptChangeOf(changes, run.run, step, attempt).end ??= end;
    change.costNanos += end.costNanos ?? 0;
    run.costNanos += end.costNanos ?? 0;
  }
  const rest = RESTS[entry.on];
  if (rest !== undefined && attempt !== null) attemptChangeOf(changes, run.run, step, attempt).end ??= readEnd(data, { kind: rest }, at);
  change.timer = readTimer(data) ?? (from === to ? change.timer : null);
  change.parkedOn = to === "running.parked" ? (readParking(data) ?? change.parkedOn) : null;
  change.state = to;
  const isFinal = STEP_OUTCOMES.has(to);
  change.endedAt = isFinal ? at : null;
  // A fan-out counts as the one step that its author wrote: how many items it has is not known when the run begins.
  if (isFinal && !STEP_OUTCOMES.has(from) && parseItemId(step) === null) run.stepsDone += 1;
  run.stepsActive += Number(isActive(to)) - Number(isActive(from));
}

function stepChangeOf(changes: Changes, run: number, entry: EntryColumns): StepChange {
  const { actor: step, from } = entry;
  const key = `${run}/${step}`;
  let change = changes.steps.get(key);
  if (change === undefined) {
    const isFirst = INITIAL_STATES.has(from);
    change = {
      run,
      step,
      from: isFirst ? null : from,
      state: from,
      attempt: null,
      startedAt: null,
      endedAt: null,
      timer: isFirst ? null : "keep",
      parkedOn: null,
      costNanos: 0,
    };
    changes.steps.set(key, change);
  } else if (change.state !== from) throw refused(entry, change.state);
  return change;
}

function attemptChangeOf(changes: Changes, run: number, step: string, attempt: number): AttemptChange {
  const key = `${run}/${step}/${attempt}`;
  let change = changes.attempts.get(key);
  if (change === undefined) {
    change = { run, step, attempt, start: null, end: null };
    changes.attempts.set(key, change);
  }
  return change;
}

function readEnd(data: JsonObject, outcome: JsonObject, at: number): AttemptEnd {
  const usage = isJsonObject(data.usage) ? data.usage : {};
  const costUsd = readNumber(usage.costUsd);
  return {
    tool: typeof usage.tool === "string" ? usage.tool : null,
    startedAt: readNumber(usage.startedAt),
    endedAt: readNumber(usage.endedAt) ?? at,
    outcome: String(outcome.kind),
    error: outcome.failure === undefined ? null : JSON.stringify(outcome.failure),
    costNanos: costUsd === null ? null : toNanos(costUsd),
  };
}

function refused(entry: EntryColumns, state: string): InvariantError {
  return new InvariantError("INV_ENTRY_REFUSED", {
    seq: entry.seq,
    actor: entry.actor,
    problem: `it leaves \`${entry.from}\`, but the state is \`${state}\``,
  });
}

function readTimer(data: JsonObject): { timer: string; dueAt: number } | null {
  const dueAt = readNumber(data.dueAt);
  return dueAt === null || typeof data.timer !== "string" ? null : { timer: data.timer, dueAt };
}

function readParking({ until }: JsonObject): string | null {
  const parking = isJsonObject(until) ? until.parking : null;
  return isJsonObject(parking) && typeof parking.kind === "string" ? parking.kind : null;
}

function readNumber(value: Json | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
