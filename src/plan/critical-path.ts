/** When each step can start and how much it may slip, if nothing but its needs held it back. */
import { at } from "./at.ts";
import type { Order } from "./order.ts";
import type { CompiledStep } from "./workflow.ts";

export interface Timeline {
  /** By step index; milliseconds from the start of the run. */
  readonly earliestStartMs: Float64Array;
  /** From the start of a step to the end of the longest chain that begins with it. */
  readonly remainingMs: Float64Array;
  /** How much later a step may end without delaying the run. */
  readonly slackMs: Float64Array;
  /** One longest chain, from its first step to its last; of several, the one that comes first in the file. */
  readonly criticalPath: readonly number[];
  readonly criticalPathMs: number;
  /** All steps one after the other. */
  readonly totalMs: number;
}

/** @param durationsMs by step index, whole numbers so that equal chains compare equal. */
export function computeTimeline(steps: readonly CompiledStep[], { order }: Order, durationsMs: Float64Array): Timeline {
  const earliestStartMs = new Float64Array(steps.length);
  const remainingMs = new Float64Array(steps.length);
  for (const index of order) {
    let start = 0;
    for (const { from } of at(steps, index).needs) start = Math.max(start, at(earliestStartMs, from) + at(durationsMs, from));
    earliestStartMs[index] = start;
  }
  for (const index of order.toReversed()) {
    let after = 0;
    for (const dependent of at(steps, index).dependents) after = Math.max(after, at(remainingMs, dependent));
    remainingMs[index] = at(durationsMs, index) + after;
  }
  const criticalPathMs = remainingMs.reduce((longest, length) => Math.max(longest, length), 0);
  return {
    earliestStartMs,
    remainingMs,
    slackMs: remainingMs.map((length, index) => criticalPathMs - at(earliestStartMs, index) - length),
    criticalPath: walk(steps, remainingMs),
    criticalPathMs,
    totalMs: durationsMs.reduce((sum, durationMs) => sum + durationMs, 0),
  };
}

/** From the step with the longest remaining chain to its dependent with the longest, and so on. */
function walk(steps: readonly CompiledStep[], remainingMs: Float64Array): number[] {
  const longest = (candidates: Iterable<number>): number | null => {
    let best: number | null = null;
    for (const index of candidates) if (best === null || at(remainingMs, index) > at(remainingMs, best)) best = index;
    return best;
  };
  const path: number[] = [];
  const starts = steps.filter((step) => step.needs.length === 0).map((step) => step.index);
  for (let index = longest(starts); index !== null; index = longest(at(steps, index).dependents)) path.push(index);
  return path;
}
