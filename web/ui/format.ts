/** Times, durations, sums of money and sizes as people read them. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Two units at most: `3h 05m`, `1m 23s`, `4.2s`, `120ms`. */
export function duration(ms: number): string {
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms < SECOND) return `${Math.round(ms)}ms`;
  if (ms < 10 * SECOND) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m ${two((ms % HOUR) % MINUTE, SECOND)}s`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h ${two(ms % HOUR, MINUTE)}m`;
  return `${Math.floor(ms / DAY)}d ${two(ms % DAY, HOUR)}h`;
}

function two(ms: number, unit: number): string {
  return String(Math.floor(ms / unit)).padStart(2, "0");
}

/** Cents where they are enough, else two digits that say something. */
export function money(usd: number): string {
  if (usd === 0) return "$0";
  if (Math.abs(usd) >= 0.1) return `$${usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  return `$${usd.toLocaleString("en-US", { maximumSignificantDigits: 2, maximumFractionDigits: 8 })}`;
}

export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = count < 1_024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10));
  const value = count / 1_024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 step`, `2 steps`. */
export function many(value: number, one: string, more = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : more}`;
}

/** `just now`, `5m ago`, `in 2h`; days at most, then the date says more. */
export function ago(at: number, now: number): string {
  const ms = Math.abs(now - at);
  const text = coarse(ms);
  if (text === null) return now >= at ? "just now" : "in a moment";
  return now >= at ? `${text} ago` : `in ${text}`;
}

function coarse(ms: number): string | null {
  if (ms < 5 * SECOND) return null;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h`;
  return `${Math.floor(ms / DAY)}d`;
}

const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const fine = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

/** Date and time of day, local. */
export const dateTime = (at: number): string => full.format(at);
export const timeOfDay = (at: number): string => clock.format(at);
/** To the millisecond. */
export const timeOfEvent = (at: number): string => fine.format(at);

/** The end of a run's id: of those that start together, the beginnings are the same. */
export function shortId(id: string): string {
  return /^run_[0-9a-f]{32}$/.test(id) ? id.slice(-8) : id.length > 20 ? `${id.slice(0, 12)}…` : id;
}
