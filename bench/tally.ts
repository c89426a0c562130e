/** Figures of repeated measurements. */

/** What one child process measured: a number by name. Units are part of the name (`p99Ms`, `stepsPerS`). */
export type Figures = Readonly<Record<string, number>>;

/** The value below which `share` (0 to 1) of the values lie. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The median of each figure over all repeats. */
export function medians(repeats: readonly Figures[]): Figures {
  const names = new Set(repeats.flatMap((figures) => Object.keys(figures)));
  return Object.fromEntries([...names].map((name) => [name, medianOf(repeats.flatMap((figures) => figures[name] ?? []))]));
}

/** How far repeats of a figure lie from their median, as a share of it; 0 for a single one. */
export function spreadOf(repeats: readonly Figures[], name: string): number {
  const values = repeats.flatMap((figures) => figures[name] ?? []);
  return values.length < 2 ? 0 : (Math.max(...values) - Math.min(...values)) / 2 / medianOf(values);
}
