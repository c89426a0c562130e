/** Days of UTC, both ends included: what the address says, or the last thirty. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

const DAY_MS = 86_400_000;
export const PRESETS = [
  { name: "7 days", days: 7 },
  { name: "30 days", days: 30 },
  { name: "90 days", days: 90 },
] as const;
const DAYS_DEFAULT = 30;

/** The server tells no more at once. */
const DAYS_MAX = 366;

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

export function lastDays(count: number, nowMs: number): DayRange {
  return { from: dayOf(nowMs - (count - 1) * DAY_MS), to: dayOf(nowMs) };
}

/** A range that is none, or that is too long, becomes the usual one. */
export function readRange(query: URLSearchParams, nowMs: number): DayRange {
  const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
  if (!isDay(from) || !isDay(to) || from > to || daysIn({ from, to }).length > DAYS_MAX) return lastDays(DAYS_DEFAULT, nowMs);
  return { from, to };
}

function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(ms) && dayOf(ms) === text;
}

/** At most one more than may be asked for. */
export function daysIn({ from, to }: DayRange): readonly string[] {
  const days: string[] = [];
  const last = Date.parse(to);
  for (let ms = Date.parse(from); ms <= last && days.length <= DAYS_MAX; ms += DAY_MS) days.push(dayOf(ms));
  return days;
}
