/**
 * What is usual for a figure, and whether a value is far from it.
 *
 * A1 Figures of work vary by factors, so they are compared on a logarithmic scale, `ln(x + resolution)`, which is linear for values that are
 *    too small to matter.
 * A2 Centre and spread are the median and the median absolute deviation (MAD): up to half of the history may be wild without moving them.
 *    1.4826 = 1 / 0.6745 makes the MAD of normal data its standard deviation (0.6745 is the normal distribution's third quartile).
 * A3 A value whose modified z-score exceeds 3.5 is far out (B. Iglewicz and D. Hoaglin, How to Detect and Handle Outliers, ASQC 1993).
 * A4 The spread has a floor for each kind: where all earlier values were equal the MAD is zero, and any change would be infinitely far out.
 * A5 Nothing is told that the history has seen before: at most one value in twenty may be as far out on the same side, or nearly. That keeps
 *    data with two modes quiet (a cache that is warm or cold), of which a median and a MAD know one.
 * A6 Below `SAMPLES_MIN` values nothing is said, and the spread of n values is taken 1 + 5 / n times as wide, since few values tell it badly.
 * A7 Daily or weekly patterns are not modelled; A5 bears with them once they have been seen.
 */
import type { RunId } from "../src/core/ids.ts";
import type { Anomaly, AnomalyBaseline, AnomalyKind } from "../src/ports/anomaly.ts";
import type { StepFigures } from "../src/ports/store.ts";

/** A3. */
export const SCORE_MAX = 3.5;
/** A2. */
const NORMAL_CONSISTENCY = 1.4826;
/** A6. */
export const SAMPLES_MIN = 10;
/** A6: the MAD of ten values is often half of what it should be; `anomaly.test.ts` measures what this leaves of false alarms. */
const DOUBT = 5;
/** The newest so many runs: half of them are enough for a baseline to follow a lasting change. */
export const HISTORY_RUNS_MAX = 50;
/** Bounds the time and memory that the history of a very large workflow takes. */
const HISTORY_STEPS_MAX = 20_000;
/** A5. */
const SEEN_SHARE = 0.05;
/** A5: what is that close, in floors of the spread, counts as equally far out. */
const NEAR = 2;

export type FigureOf = (figures: StepFigures) => number;

interface Rule {
  readonly unit: Anomaly["unit"];
  readonly of: FigureOf;
  /** Differences of this size mean nothing (A1). */
  readonly resolution: number;
  /** Least standard deviation on the logarithmic scale (A4): 0.1 tells nothing below a factor of e^0.35 = 1.42. */
  readonly spreadMin: number;
  readonly round: (value: number) => number;
}

const roundTo =
  (digits: number) =>
  (value: number): number =>
    Number(value.toFixed(digits));

export const RULES: Readonly<Record<AnomalyKind, Rule>> = {
  // A busy machine delays a process by a quarter of a second without anything being wrong.
  duration: { unit: "ms", of: ({ durationMs }) => durationMs, resolution: 250, spreadMin: 0.1, round: Math.round },
  // 0.2: one attempt more doubles the cost, and is told as a retry if at all; a factor of e^0.7 = 2.01 is told.
  cost: { unit: "usd", of: ({ costUsd }) => costUsd, resolution: 0.001, spreadMin: 0.2, round: roundTo(6) },
  // 0.35: where none is usual, three are told and two are not.
  retries: { unit: "retries", of: ({ retries }) => retries, resolution: 1, spreadMin: 0.35, round: roundTo(1) },
  output_size: { unit: "bytes", of: ({ outputBytes }) => outputBytes, resolution: 256, spreadMin: 0.1, round: Math.round },
};

/** How many earlier runs are the history of one with so many steps. */
export function historyRuns(steps: number): number {
  return Math.max(SAMPLES_MIN, Math.min(HISTORY_RUNS_MAX, Math.floor(HISTORY_STEPS_MAX / Math.max(1, steps))));
}

/** One earlier value and whose it was. */
export interface Sample {
  readonly runId: RunId;
  readonly value: number;
}

interface Scale {
  /** Median and spread of the logarithms. */
  readonly centre: number;
  readonly spread: number;
}

export interface Judgement {
  readonly direction: Anomaly["direction"];
  readonly score: number;
  readonly baseline: AnomalyBaseline;
  readonly compareWith: RunId;
}

/** Null where the value is nothing to tell of, or too little is known. */
export function judge(kind: AnomalyKind, observed: number, samples: readonly Sample[]): Judgement | null {
  if (samples.length < SAMPLES_MIN) return null;
  const { resolution } = RULES[kind];
  const scale = computeScale(kind, samples);
  const score = scoreOf(kind, observed, scale);
  const direction = score < 0 ? "below" : "above";
  if (Math.abs(score) <= SCORE_MAX || hasBeenSeen(kind, observed, samples, direction)) return null;
  const distance = ({ value }: Sample): number => Math.abs(Math.log(value + resolution) - scale.centre);
  // The newest of the most ordinary: samples are newest first.
  const ordinary = samples.reduce((best, sample) => (distance(sample) < distance(best) ? sample : best));
  return { direction, score: roundTo(2)(score), baseline: computeBaseline(kind, samples), compareWith: ordinary.runId };
}

/** A5: how many earlier values may be as far out as one that is told. */
export function mostSeen(samples: number): number {
  return Math.ceil(SEEN_SHARE * samples);
}

function hasBeenSeen(kind: AnomalyKind, observed: number, samples: readonly Sample[], side: Anomaly["direction"]): boolean {
  const { resolution, spreadMin } = RULES[kind];
  const log = Math.log(observed + resolution);
  const near = NEAR * spreadMin;
  const asFar = samples.filter(({ value }) => {
    const other = Math.log(value + resolution);
    return side === "above" ? other >= log - near : other <= log + near;
  });
  return asFar.length > mostSeen(samples.length);
}

/** @param samples at least one */
export function computeScale(kind: AnomalyKind, samples: readonly Sample[]): Scale {
  const { resolution, spreadMin } = RULES[kind];
  const logs = Float64Array.from(samples, ({ value }) => Math.log(value + resolution));
  const centre = medianOf(logs);
  const doubt = 1 + DOUBT / logs.length;
  const spread = NORMAL_CONSISTENCY * medianOf(logs.map((log) => Math.abs(log - centre))) * doubt;
  return { centre, spread: Math.max(spread, spreadMin) };
}

export function scoreOf(kind: AnomalyKind, value: number, { centre, spread }: Scale): number {
  return (Math.log(value + RULES[kind].resolution) - centre) / spread;
}

/** @param samples at least one */
export function computeBaseline(kind: AnomalyKind, samples: readonly Sample[]): AnomalyBaseline {
  const { resolution, round } = RULES[kind];
  const { centre, spread } = computeScale(kind, samples);
  const at = (log: number): number => round(Math.max(0, Math.exp(log) - resolution));
  return { median: at(centre), low: at(centre - SCORE_MAX * spread), high: at(centre + SCORE_MAX * spread), samples: samples.length };
}

/** Sorts its argument. @param values at least one */
function medianOf(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length >>> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
