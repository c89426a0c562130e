/** The name under which a transition is seen outside, from the event consumed and the state entered. */
import type { EntryType } from "./entry.ts";

const STEP_BY_EVENT: Readonly<Record<string, EntryType>> = {
  "step.carry": "step.cached",
  "step.admit": "step.started",
  "attempt.parked": "step.waiting",
  "attempt.fanned": "step.expanded",
  "attempt.lost": "attempt.lost",
  "attempt.orphaned": "attempt.orphaned",
  "attempt.progress": "step.progress",
  "step.release": "step.released",
};

const STEP_BY_STATE: Readonly<Record<string, EntryType>> = {
  "pending.queued": "step.ready",
  "running.waiting": "step.queued",
  retrying: "step.retrying",
  succeeded: "step.succeeded",
  failed: "step.failed",
  skipped: "step.skipped",
  canceled: "step.canceled",
  quarantined: "step.quarantined",
};

export function stepEntryType(on: string, from: string, to: string): EntryType {
  if (from === "quarantined" && to === from) return "attempt.ended";
  if (to === "running.executing" && from !== to) return from === "pending.queued" ? "step.started" : "attempt.started";
  if (to === "running.stopping" && from !== to) return on.startsWith("xstate.after") ? "step.timed_out" : "step.stopping";
  const byState = STEP_BY_STATE[to];
  if (byState !== undefined && to !== "running.waiting" && to !== "pending.queued") return byState;
  return STEP_BY_EVENT[on] ?? byState ?? "step.stopping";
}

const RUN_BY_EVENT: Readonly<Record<string, EntryType>> = {
  "run.create": "run.created",
  "run.start": "run.started",
  "run.rest": "run.waiting",
  "run.wake": "run.resumed",
  "run.resume": "run.resumed",
  "run.pause": "run.paused",
  "run.progress": "run.progress",
  "run.finish": "run.finishing",
  "run.compensate": "run.compensating",
  "run.conclude": "run.concluding",
  "run.release": "run.released",
  "run.succeed": "run.succeeded",
  "run.fail": "run.failed",
  "run.quarantine": "run.quarantined",
};

export function runEntryType(on: string, to: string): EntryType {
  if (on.startsWith("xstate.after")) return "run.timed_out";
  if (on === "run.stopped") return to === "failed" ? "run.failed" : "run.canceled";
  if (on === "run.cancel") return to === "canceled" ? "run.canceled" : "run.canceling";
  return RUN_BY_EVENT[on] ?? "run.progress";
}
