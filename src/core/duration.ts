/** Durations as people write them (`250ms`, `30s`, `2m`, `1h30m`, `7d`), in milliseconds inside. */
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof UNIT_MS;

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g;

/** Longest duration admitted: ten years. Keeps every due time inside a safe integer. */
export const DURATION_MAX_MS = 10 * 365 * UNIT_MS.d;

/** Milliseconds of a duration text, or null if it is none. A bare number means seconds, as authors of CI files expect. */
export function parseDurationMs(source: string | number): number | null {
  if (typeof source === "number") return inRange(source * UNIT_MS.s);
  const text = source.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return inRange(Number(text) * UNIT_MS.s);
  if (!DURATION.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(PART)) total += Number(amount) * UNIT_MS[unit as Unit];
  return inRange(total);
}

function inRange(ms: number): number | null {
  return Number.isFinite(ms) && ms >= 0 && ms <= DURATION_MAX_MS ? Math.round(ms) : null;
}

/** Shortest exact-enough text for people: `0 ms`, `850 ms`, `4.2 s`, `3 m 05 s`, `2 h 10 m`, `5 d 3 h`. */
export function formatDuration(ms: number): string {
  // Each unit is left by the rounded value: 59.7 s reads "1 m 00 s", not "60 s".
  if (Math.round(ms) < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return `${minutes} m ${pad(seconds % 60)} s`;
  if (hours < 24) return `${hours} h ${pad(minutes % 60)} m`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
