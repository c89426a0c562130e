/** The events that a statechart would answer now, and what each of them waits for, in words. */

export interface Transition {
  /** As the statechart names it. */
  readonly event: string;
  /** Who or what brings it. */
  readonly waitsFor: string;
}

/** By event; where the state changes who brings it, by `state event`. */
const BY_EVENT: Readonly<Record<string, string>> = {
  "step.ready": "its needs, its condition and its locks",
  "step.skip": "a false condition, a need that failed or was skipped, or a switch that chose another case",
  "quarantined step.skip": "a person: `troupe quarantine skip`",
  "step.carry": "a result taken over from an earlier run",
  "step.admit": "a condition that cannot be evaluated",
  "step.fail": "a condition that cannot be evaluated",
  "quarantined step.fail": "a person: `troupe quarantine discard`",
  "step.release": "a person: `troupe quarantine release`",
  "step.override": "a person: `troupe quarantine override`",
  "step.cancel": "`troupe cancel`, or the run's time limit",
  "attempt.start": "a place among the running attempts",
  "attempt.succeeded": "the attempt's success",
  "attempt.failed": "the attempt's failure",
  "attempt.timed_out": "the attempt's end at its time limit",
  "attempt.stopped": "the attempt's end after it was asked to stop",
  "attempt.lost": "an engine that finds the attempt gone without a result",
  "attempt.requeued": "the attempt being handed back before it began",
  "attempt.orphaned": "the death of its engine",
  "attempt.progress": "a report of the attempt",
  "run.start": "its engine",
  "run.rest": "all its steps waiting for timers or people",
  "run.wake": "the next retry of a step",
  "run.pause": "`troupe pause`",
  "run.resume": "`troupe resume`",
  "run.cancel": "`troupe cancel`",
  "run.progress": "the end of a step",
  "run.finish": "the end of its last step",
  "run.succeed": "the end of its last step",
  "finishing run.succeed": "its output",
  "run.fail": "the end of its last step, when one has failed",
  "finishing run.fail": "an output that cannot be made",
  "run.stopped": "the end of its last step",
  "run.quarantine": "a step that only a person can judge",
  "run.release": "a person's decision about its quarantined steps",
};

const TIMERS: Readonly<Record<string, string>> = {
  backoff: "the timer of the retry",
  timeout: "the timer of the time-out",
  limit: "the timer of the run's time limit",
};

export function toTransitions(actor: string, state: string, enabled: readonly string[]): readonly Transition[] {
  const last = state.slice(state.lastIndexOf(".") + 1);
  return enabled.map((event) => ({ event, waitsFor: waitsFor(actor, last, event) }));
}

function waitsFor(actor: string, state: string, event: string): string {
  if (event.startsWith("xstate.after.")) return TIMERS[event.split(".")[2] ?? ""] ?? "a timer";
  return BY_EVENT[`${state} ${event}`] ?? BY_EVENT[event] ?? (actor === "run" ? "its steps" : "its run");
}
