/** What the journal tells of each step: in which states it spent its time, and its attempts. */
import { isCacheHit } from "../../../observability/attempt-usage.ts";
import type { AttemptReport, TimeSplit } from "../../contract/run-report.ts";
import { isBlobRef } from "../../core/blob.ts";
import { stepNameOf } from "../../core/item-id.ts";
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
  "running.fanned": "runMs",
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

export interface Tracks {
  /** By step index. */
  readonly steps: readonly StepTrack[];
  /** Items that have moved, by the index of the step that fanned out. */
  readonly items: ReadonlyMap<number, readonly StepTrack[]>;
}

/** `startedAt` is the run's; open intervals end at `asOf`. */
export function computeTracks(
  workflow: CompiledWorkflow,
  entries: readonly JournalEntry[],
  { startedAt, asOf }: { readonly startedAt: number; readonly asOf: number },
): Tracks {
  const steps = workflow.steps.map(() => openTrack(startedAt));
  const itemTracks = new Map<string, OpenTrack>();
  const items = new Map<number, OpenTrack[]>();
  const itemTrack = (actor: string, at: number): OpenTrack | undefined => {
    const known = itemTracks.get(actor);
    const of = workflow.indexOf.get(stepNameOf(actor));
    if (known !== undefined || of === undefined) return known;
    // There was nothing to wait for before its step fanned out.
    const track = openTrack(at);
    itemTracks.set(actor, track);
    const siblings = items.get(of) ?? [];
    siblings.push(track);
    items.set(of, siblings);
    return track;
  };
  for (const entry of entries) {
    if (entry.actor === "run") continue;
    const index = workflow.indexOf.get(entry.actor);
    const track = index === undefined ? itemTrack(entry.actor, entry.at) : steps[index];
    if (track !== undefined) follow(track, entry);
  }
  for (const track of [...steps, ...itemTracks.values()]) if (!FINAL.has(track.state)) spend(track, asOf);
  return { steps, items };
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
  // While a step is fanned out, its items run or wait, each for itself.
  if (share === "runMs" && track.state !== "running.fanned") {
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
