/** One run under watch: its entries go in, anomalies come out. The same entries and the same history always give the same anomalies. */

import { isBlobRef } from "../src/core/blob.ts";
import type { StepId } from "../src/core/ids.ts";
import { stepNameOf } from "../src/core/item-id.ts";
import { isJsonObject, type Json, type JsonObject } from "../src/core/json.ts";
import { roundUsd } from "../src/core/usd.ts";
import { ANOMALY_KINDS, type Anomaly } from "../src/ports/anomaly.ts";
import type { RunSample, StepFigures } from "../src/ports/store.ts";
import { type FigureOf, judge, mostSeen, RULES, SAMPLES_MIN, type Sample } from "./anomaly-baseline.ts";
import { isCacheHit } from "./attempt-usage.ts";

/** What is needed of an entry, in the journal or in a stream. */
export interface WatchedEntry {
  readonly seq: number;
  readonly at: number;
  /** `run`, or a step's id. */
  readonly actor: string;
  readonly type: string;
  readonly data: JsonObject;
}

export interface RunWatch {
  /** Entries come in order, from the first on. */
  see(entry: WatchedEntry): readonly Anomaly[];
  /** What the steps took that have succeeded so far. */
  readonly steps: ReadonlyMap<string, StepFigures>;
}

const NOTHING: readonly Anomaly[] = [];

/** @param history newest run first */
export function createRunWatch(history: readonly RunSample[]): RunWatch {
  const steps = new Map<string, StepFigures>();
  /** Of attempts that ended before the one that succeeds. */
  const spentUsd = new Map<string, number>();
  const startedAt = new Map<string, number>();
  return {
    steps,
    see(entry) {
      const { actor, type, data, at } = entry;
      // Items of a fan-out have no history: there may be any number of them, and their names are data.
      if (actor === "run" || stepNameOf(actor) !== actor) return NOTHING;
      if (type === "step.started" || type === "attempt.started") startedAt.set(actor, at);
      if (!isJsonObject(data.outcome)) return NOTHING;
      const usage = isJsonObject(data.usage) ? data.usage : null;
      const costUsd = roundUsd((spentUsd.get(actor) ?? 0) + numberOr(usage?.costUsd, 0));
      if (costUsd > 0) spentUsd.set(actor, costUsd);
      const started = startedAt.get(actor);
      // By its own work: neither taken over from a run or a cache, nor said by a person, nor the fallback of a time-out.
      if (type !== "step.succeeded" || data.outcome.kind !== "succeeded" || typeof data.attempt !== "number" || started === undefined)
        return NOTHING;
      if (isCacheHit(data.usage)) return NOTHING;
      const durationMs = Math.max(0, numberOr(usage?.endedAt, at) - numberOr(usage?.startedAt, started));
      const figures = { durationMs, costUsd, retries: data.attempt - 1, outputBytes: bytesOf(data.outcome.output ?? null) };
      steps.set(actor, figures);
      return history.length < SAMPLES_MIN ? NOTHING : findAnomalies(entry, data.attempt, figures, history);
    },
  };
}

function findAnomalies(entry: WatchedEntry, attempt: number, figures: StepFigures, history: readonly RunSample[]): readonly Anomaly[] {
  const step = entry.actor as StepId; // The actor of a step's entry is its id.
  return ANOMALY_KINDS.flatMap((kind): Anomaly[] => {
    const { unit, of, round } = RULES[kind];
    const observed = of(figures);
    if (isCommon(observed, step, of, history)) return [];
    const found = judge(kind, observed, samplesOf(step, of, history));
    return found === null ? [] : [{ kind, unit, step, attempt, seq: entry.seq, at: entry.at, observed: round(observed), ...found }];
  });
}

/** Whether more earlier values lie on either side than a rare value may have (A5): true of nearly all, and known after a few samples. */
function isCommon(observed: number, step: string, of: FigureOf, history: readonly RunSample[]): boolean {
  const most = mostSeen(history.length);
  let above = 0;
  let below = 0;
  for (const { steps } of history) {
    const known = steps.get(step);
    if (known === undefined) continue;
    const value = of(known);
    if (value >= observed) above += 1;
    if (value <= observed) below += 1;
    if (above > most && below > most) return true;
  }
  return false;
}

export function samplesOf(step: string, of: FigureOf, history: readonly RunSample[]): readonly Sample[] {
  return history.flatMap(({ runId, steps }) => {
    const known = steps.get(step);
    return known === undefined ? [] : [{ runId, value: of(known) }];
  });
}

function numberOr(value: Json | undefined, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

function bytesOf(output: Json): number {
  return isBlobRef(output) ? output.bytes : Buffer.byteLength(JSON.stringify(output));
}
