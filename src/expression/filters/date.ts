/** The filter `date`: civil calendar arithmetic in UTC, without the platform's Date, so that it replays anywhere. */
import { aType } from "../values.ts";
import type { Filter, FilterCall } from "./filter.ts";

const DAY_MS = 86_400_000;
/** The years that ISO 8601 writes with four digits. */
const TIME_MS_MIN = -62_167_219_200_000;
const TIME_MS_MAX = 253_402_300_799_999;
const FORMAT_DEFAULT = "%Y-%m-%dT%H:%M:%SZ";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** Days since 1970-01-01 of a civil date. Counts years from March, so that the leap day ends one. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1 };
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Milliseconds since 1970 of an ISO 8601 text, in UTC unless it names an offset; null if it is none. */
export function parseIsoMs(text: string): number | null {
  const found = ISO.exec(text.trim());
  if (found === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map((part) => Number(part ?? 0));
  const days = daysFromCivil(year, month, day);
  const back = civilFromDays(days);
  if (back.month !== month || back.day !== day || hour > 23 || minute > 59 || second > 59) return null;
  const fraction = Math.floor(Number(`0.${found[7] ?? 0}`) * 1_000);
  return days * DAY_MS + (hour * 60 + minute) * 60_000 + second * 1_000 + fraction - offsetMs(found[8]);
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith("-") ? -1 : 1) * minutes * 60_000;
}

export const date: Filter = (target, [format], call) => {
  const timeMs = timeOf(target, call);
  if (timeMs < TIME_MS_MIN || timeMs > TIME_MS_MAX) return call.fail("knows the years 0 to 9999.", "EXPR_ARGUMENT");
  const pattern = call.textArgument(format, "format", FORMAT_DEFAULT);
  return call.made(formatTime(Math.floor(timeMs), pattern, call));
};

function timeOf(target: unknown, call: FilterCall): number {
  if (typeof target === "number") return target;
  if (typeof target !== "string") return call.fail(`works on an ISO 8601 text or milliseconds since 1970, not on ${aType(target)}.`);
  return (
    parseIsoMs(target) ??
    call.fail("was given a text that is no time.", "EXPR_ARGUMENT", "Times look like `2026-11-21` or `2026-11-21T09:30:00Z`.")
  );
}

function formatTime(timeMs: number, pattern: string, call: FilterCall): string {
  const days = Math.floor(timeMs / DAY_MS);
  const ms = timeMs - days * DAY_MS;
  const { year, month, day } = civilFromDays(days);
  const weekday = (((days + 4) % 7) + 7) % 7;
  const hour = Math.floor(ms / 3_600_000);
  const minute = Math.floor(ms / 60_000) % 60;
  const second = Math.floor(ms / 1_000) % 60;
  const directives: Readonly<Record<string, string>> = {
    Y: padded(year, 4),
    y: padded(year % 100, 2),
    m: padded(month, 2),
    d: padded(day, 2),
    e: String(day).padStart(2, " "),
    H: padded(hour, 2),
    I: padded(hour % 12 === 0 ? 12 : hour % 12, 2),
    M: padded(minute, 2),
    S: padded(second, 2),
    f: padded((ms % 1_000) * 1_000, 6),
    L: padded(ms % 1_000, 3),
    p: hour < 12 ? "AM" : "PM",
    j: padded(days - daysFromCivil(year, 1, 1) + 1, 3),
    A: DAYS[weekday] as string, // 0 to 6
    a: (DAYS[weekday] as string).slice(0, 3),
    B: MONTHS[month - 1] as string, // 1 to 12
    b: (MONTHS[month - 1] as string).slice(0, 3),
    u: String(weekday === 0 ? 7 : weekday),
    w: String(weekday),
    s: String(Math.floor(timeMs / 1_000)),
    F: `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`,
    T: `${padded(hour, 2)}:${padded(minute, 2)}:${padded(second, 2)}`,
    z: "+0000",
    Z: "UTC",
    "%": "%",
  };
  return pattern.replace(/%([\s\S]?)/g, (_, directive: string) => {
    if (Object.hasOwn(directives, directive)) return directives[directive] as string; // hasOwn says so
    return call.fail(
      `knows no \`%${directive}\`.`,
      "EXPR_ARGUMENT",
      `It knows ${Object.keys(directives)
        .map((name) => `%${name}`)
        .join(" ")}.`,
    );
  });
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
