/** How long to wait before the next try: longer each time, and not all pages of a server at the same moment. */
const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** @param failures in a row, from 1 @param chance between 0 and 1 */
export function backoffMs(failures: number, chance: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.round(whole * (0.6 + 0.4 * chance));
}
