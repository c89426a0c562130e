/** What the journal tells of each step: in which states it spent its time, and its attempts. */
import { isCacheHit } from "../../../observability/attempt-usage.ts";
import type { AttemptReport, TimeSplit } from "../../contract/run-report.ts";
import { isBlobRef } from "../../core/blob.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import type { JournalEntry } from "../../kernel/entry.ts";
import type { CompiledWorkflow } from "../../plan/workflow.ts";

/** From one moment to another, epoch milliseconds. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

export interface StepTrack {
  readonly state: string;
  readonly split: TimeSplit;
  /** While attempts ran, in order. */
  readonly running: readonly Interval[];
  readonly attempts: readonly AttemptReport[];
  /** When its needs and locks let it go on first, when its first attempt started, when it ended. */
  readonly readyAt: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly isReused: boolean;
  readonly skippedBecause: string | null;
  readonly outputBytes: number | null;
  readonly quarantines: number;
}

/** Which share of a step's time a state belongs to; final states end it. */
const SHARES: Readonly<Record<string, keyof TimeSplit>> = {
  "pending.blocked": "blockedMs",
  "pending.queued": "queueMs",
  "running.waiting": "queueMs",
  "running.executing": "runMs",
  "running.stopping": "runMs",
  retrying: "retryMs",
  quarantined: "heldMs",
};

const FINAL: ReadonlySet<string> = new Set(["succeeded", "failed", "skipped", "canceled"]);

type Writable<TValue> = { -readonly [TName in keyof TValue]: TValue[TName] };

interface OpenTrack extends Writable<Omit<StepTrack, "split" | "running" | "attempts">> {
  since: number;
  readonly split: Writable<TimeSplit>;
  readonly running: Writable<Interval>[];
  readonly attempts: Writable<AttemptReport>[];
}

/** By step index. `startedAt` is the run's; open intervals end at `asOf`. */
export function computeTracks(
  workflow: CompiledWorkflow,
  entries: readonly JournalEntry[],
  { startedAt, asOf }: { readonly startedAt: number; readonly asOf: number },
): readonly StepTrack[] {
  const tracks = workflow.steps.map(() => openTrack(startedAt));
  for (const entry of entries) {
    const track = entry.actor === "run" ? undefined : tracks[workflow.indexOf.get(entry.actor) ?? -1];
    if (track !== undefined) follow(track, entry);
  }
  for (const track of tracks) if (!FINAL.has(track.state)) spend(track, asOf);
  return tracks;
}

function openTrack(since: number): OpenTrack {
  return {
    state: "pending.blocked",
    since,
    split: { blockedMs: 0, queueMs: 0, runMs: 0, retryMs: 0, heldMs: 0 },
    running: [],
    attempts: [],
    readyAt: null,
    startedAt: null,
    endedAt: null,
    isReused: false,
    skippedBecause: null,
    outputBytes: null,
    quarantines: 0,
  };
}

/** The time since the last entry belongs to the state that the track is in. Clocks may be set back between two entries. */
function spend(track: OpenTrack, at: number): void {
  const share = SHARES[track.state];
  if (share !== undefined) track.split[share] += Math.max(0, at - track.since);
  if (share === "runMs") {
    const last = track.running.at(-1);
    if (last?.to === track.since) last.to = Math.max(last.to, at);
    else track.running.push({ from: track.since, to: Math.max(track.since, at) });
  }
  track.since = at;
}

function follow(track: OpenTrack, { type, from, to, at, data }: JournalEntry): void {
  spend(track, at);
  track.state = to;
  const attempt = typeof data.attempt === "number" && data.attempt > 0 ? data.attempt : null;
  if (to === "pending.queued") track.readyAt ??= at;
  if (type === "step.cached" || isCacheHit(data.usage)) track.isReused = true;
  if (to === "quarantined" && from !== to) track.quarantines += 1;
  if (type === "step.skipped" && isJsonObject(data.reason)) track.skippedBecause = String(data.reason.text);
  if (attempt !== null && to === "running.executing" && from !== to && type.endsWith(".started")) {
    track.startedAt ??= at;
    const last = track.attempts.at(-1);
    // One that never began is dispatched again under its number.
    if (last?.attempt === attempt) last.startedAt = at;
    else track.attempts.push({ attempt, startedAt: at, endedAt: null, outcome: null, costUsd: 0, tool: null });
  }
  if (attempt !== null && isJsonObject(data.outcome)) endAttempt(track, attempt, at, data, data.outcome);
  if (!FINAL.has(to)) track.endedAt = null;
  else if (!FINAL.has(from)) track.endedAt = at;
  if (to === "succeeded" && !track.isReused) track.outputBytes = bytesOf(isJsonObject(data.outcome) ? data.outcome.output : data.output);
}

/** The first end that was recorded stays (I-3). */
function endAttempt({ attempts }: OpenTrack, number: number, at: number, data: JsonObject, outcome: JsonObject): void {
  const attempt = attempts.findLast((one) => one.attempt === number);
  if (attempt === undefined || attempt.outcome !== null) return;
  const usage = isJsonObject(data.usage) ? data.usage : {};
  if (typeof usage.startedAt === "number") attempt.startedAt = usage.startedAt;
  attempt.endedAt = typeof usage.endedAt === "number" ? usage.endedAt : at;
  attempt.outcome = String(outcome.kind);
  if (typeof usage.costUsd === "number") attempt.costUsd = usage.costUsd;
  if (typeof usage.tool === "string") attempt.tool = usage.tool;
}

function bytesOf(output: Json | undefined): number {
  return isBlobRef(output) ? output.bytes : Buffer.byteLength(JSON.stringify(output ?? null));
}
