/** A scale of time on which idle stretches, in which no attempt ran, are folded to a narrow gap: a night's wait for a person would leave nothing else to see. */
import type { StepTimes } from "./segments.ts";

export interface Fold {
  readonly from: number;
  readonly to: number;
}

export interface Scale {
  /** Between 0 and 1. */
  place(at: number): number;
  readonly folds: readonly Fold[];
  /** Moments to write under the picture. */
  readonly marks: readonly number[];
}

/** Of the width, for each fold. */
const FOLD_SHARE = 0.03;
/** Folds take at most this much together. */
const FOLDS_SHARE_MAX = 0.3;
/** What is shorter is not worth a fold, as a share of all the time. */
const IDLE_SHARE_MIN = 0.08;
const IDLE_MIN_MS = 2_000;
const MARKS = 6;

export function createScale(steps: readonly StepTimes[], start: number, end: number, isFolded: boolean): Scale {
  const folds = isFolded ? idle(steps, start, end) : [];
  const share = folds.length === 0 ? 0 : Math.min(FOLD_SHARE, FOLDS_SHARE_MAX / folds.length);
  const shown = Math.max(1, end - start - folds.reduce((sum, { from, to }) => sum + to - from, 0));
  const place = (at: number): number => {
    let before = Math.min(Math.max(at, start), end) - start;
    let folded = 0;
    for (const { from, to } of folds) {
      if (at <= from) break;
      const passed = Math.min(at, to) - from;
      before -= passed;
      folded += share * (passed / (to - from));
    }
    return (before / shown) * (1 - share * folds.length) + folded;
  };
  return { place, folds, marks: marksOf(start, end, folds, place) };
}

/** Stretches of some length in which nothing ran. */
function idle(steps: readonly StepTimes[], start: number, end: number): readonly Fold[] {
  const busy = steps
    .flatMap(({ segments }) => segments.filter(({ kind }) => kind === "run"))
    .toSorted((one, other) => one.from - other.from);
  const least = Math.max(IDLE_MIN_MS, (end - start) * IDLE_SHARE_MIN);
  const found: Fold[] = [];
  let until = start;
  for (const { from, to } of [...busy, { from: end, to: end }]) {
    if (from - until >= least) found.push({ from: until, to: from });
    until = Math.max(until, to);
  }
  return found;
}

/** Round moments since the start, not too near to each other. */
function marksOf(start: number, end: number, folds: readonly Fold[], place: (at: number) => number): readonly number[] {
  const STEPS = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 216e5, 432e5, 864e5,
  ];
  const shown = end - start - folds.reduce((sum, { from, to }) => sum + to - from, 0);
  const pitch = STEPS.find((step) => shown / step <= MARKS) ?? 864e5 * Math.ceil(shown / 864e5 / MARKS);
  const marks: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (let at = start; at <= end && marks.length < 200; at = nextMark(at, start, pitch, folds)) {
    const spot = place(at);
    if (spot - last < 0.09 || spot > 0.97) continue;
    marks.push(at);
    last = spot;
  }
  return marks;
}

/** Over a fold one goes in one step. */
function nextMark(at: number, start: number, pitch: number, folds: readonly Fold[]): number {
  const next = at + pitch;
  const fold = folds.find(({ from, to }) => next > from && next < to);
  return fold === undefined ? next : start + Math.ceil((fold.to - start) / pitch) * pitch;
}
