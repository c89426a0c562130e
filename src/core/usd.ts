/** Dollars as the store keeps them: whole billionths, so that sums do not depend on who adds. */
const NANOS_PER_USD = 1e9;

export function toNanos(usd: number): number {
  return Math.round(usd * NANOS_PER_USD);
}

export function nanosToUsd(nanos: number): number {
  return nanos / NANOS_PER_USD;
}

/** Without the digits that a sum of fractions adds. */
export function roundUsd(usd: number): number {
  return nanosToUsd(toNanos(usd));
}
