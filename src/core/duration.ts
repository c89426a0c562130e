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
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  if (ms < UNIT_MS.h) return `${Math.floor(ms / 60_000)} m ${pad(Math.floor((ms % 60_000) / 1_000))} s`;
  if (ms < UNIT_MS.d) return `${Math.floor(ms / UNIT_MS.h)} h ${pad(Math.floor((ms % UNIT_MS.h) / 60_000))} m`;
  return `${Math.floor(ms / UNIT_MS.d)} d ${Math.floor((ms % UNIT_MS.d) / UNIT_MS.h)} h`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
