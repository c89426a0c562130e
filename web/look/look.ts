/** Families of states that share a colour and a sign, so that nobody has to tell colours apart. */
const SIGNS = {
  pending: "○",
  running: "▶",
  waiting: "◷",
  retrying: "↻",
  succeeded: "✓",
  failed: "✗",
  skipped: "–",
  canceled: "■",
  quarantined: "!",
} as const;
export type Family = keyof typeof SIGNS;
export const FAMILIES = Object.keys(SIGNS) as readonly Family[]; // Its own keys, in the order of a life.

const BELONGS: Readonly<Record<string, Family>> = {
  blocked: "pending",
  queued: "pending",
  executing: "running",
  finishing: "running",
  paused: "waiting",
  parked: "waiting",
  stopping: "canceled",
  canceling: "canceled",
};

/** The innermost part that is known counts: `running.waiting` is `waiting`. */
export function familyOf(state: string): Family {
  const known = state.split(".").findLast((part) => part in SIGNS || part in BELONGS) ?? "pending";
  return BELONGS[known] ?? (known as Family); // It is one of the two.
}

export function signOf(state: string): string {
  return SIGNS[familyOf(state)];
}

/** The word on a badge: the innermost state, unless it says no more than the one around it. */
export function wordOf(state: string): string {
  return state.split(".").at(-1) ?? state;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

/** Local time of day, to the millisecond. */
export function timeOf(atMs: number): string {
  return clock.format(atMs);
}
