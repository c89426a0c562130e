/** How long steps took before, and what that says about the next time. */
import { at } from "./at.ts";

/** Durations in milliseconds of earlier successful executions, by step id. */
export type History = ReadonlyMap<string, readonly number[]>;

export interface Spread {
  readonly p50Ms: number;
  readonly p90Ms: number;
}

/** Median and ninth decile in whole milliseconds; null where there is no usable sample. */
export function computeSpread(samples: readonly number[] | undefined): Spread | null {
  if (samples === undefined) return null;
  const sorted = Float64Array.from(samples.filter((sample) => Number.isFinite(sample) && sample >= 0)).sort();
  if (sorted.length === 0) return null;
  return { p50Ms: Math.round(quantile(sorted, 0.5)), p90Ms: Math.round(quantile(sorted, 0.9)) };
}

/**
 * Value below which a share of the samples lies, linear between the two nearest.
 *
 * @param sorted ascending, not empty.
 * @param share from 0 to 1.
 */
function quantile(sorted: Float64Array, share: number): number {
  const position = (sorted.length - 1) * share;
  const below = at(sorted, Math.floor(position));
  const above = at(sorted, Math.ceil(position));
  return below + (above - below) * (position - Math.floor(position));
}
