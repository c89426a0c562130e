/** Timers are named by whom they wake and for which attempt, so that a late one is recognised as stale. */
export type TimerKind = "backoff" | "timeout" | "parking" | "limit";

export interface TimerName {
  /** `run`, or a step's id. */
  readonly actor: string;
  readonly kind: TimerKind;
  readonly attempt: number;
}

/** Statechart events by which timers come back. */
export const TIMER_EVENTS = {
  backoff: "xstate.after.backoff.step-v1.retrying",
  timeout: "xstate.after.timeout.step-v1.running.executing",
  parking: "xstate.after.parking.step-v1.running.parked",
  limit: "xstate.after.limit.run-v1.running",
} as const satisfies Record<TimerKind, string>;

export function timerId({ actor, kind, attempt }: TimerName): string {
  return `${actor}/${kind}/${attempt}`;
}

export function parseTimerId(id: string): TimerName | null {
  const [actor, kind, attempt, ...rest] = id.split("/");
  if (actor === undefined || attempt === undefined || rest.length > 0 || !/^\d+$/.test(attempt)) return null;
  if (kind !== "backoff" && kind !== "timeout" && kind !== "parking" && kind !== "limit") return null;
  return { actor, kind, attempt: Number(attempt) };
}
