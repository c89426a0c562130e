/** Points in time as authors write them. */
const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d))?$/;

/** Epoch milliseconds of an ISO 8601 text with a time zone, or of a date (midnight UTC); null for anything else. */
export function parseTime(value: unknown): number | null {
  const [, date, time = "00:00", zone = "Z"] = typeof value === "string" ? (TIME.exec(value.trim()) ?? []) : [];
  if (date === undefined) return null;
  const offset = zone === "Z" ? "Z" : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const at = Date.parse(`${date}T${time}${offset}`);
  // The 31st of February would quietly be a day in March.
  const isDay = Number.isFinite(at) && new Date(`${date}T00:00Z`).toISOString().startsWith(date);
  return isDay ? at : null;
}
