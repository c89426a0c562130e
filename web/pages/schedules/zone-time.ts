/** A time as it is in a zone, with the zone's own name for it. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** @param zone an IANA name, which the server has checked; one that this browser does not know is shown in UTC */
export function inZone(at: number, zone: string): string {
  return formatOf(zone).format(at);
}

export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = make(zone) ?? make("UTC") ?? new Intl.DateTimeFormat();
  formats.set(zone, made);
  return made;
}

function make(timeZone: string): Intl.DateTimeFormat | null {
  try {
    const time = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" } as const;
    return new Intl.DateTimeFormat("en-GB", { ...time, timeZone });
  } catch {
    return null;
  }
}
