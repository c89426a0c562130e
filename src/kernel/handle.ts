/** One cause against the state it meets: the events it becomes, or why it is turned away. */
import { RequestError } from "../core/errors.ts";
import {
  type Answer,
  type CauseOf,
  finishedAlready,
  isAsking,
  isClosing,
  isFinalRun,
  mayStart,
  refuse,
  stepOf,
  TAKEN,
  unknownStep,
} from "./answer.ts";
import type { CauseEvent } from "./cause.ts";
import { runLimit } from "./create.ts";
import type { Draft } from "./draft.ts";
import { answer, expire, grant, note, settle } from "./handle-attempt.ts";
import { isClosingStep, isOpenPhase } from "./phases.ts";
import { stepsOf } from "./roster.ts";
import { closeAfter, failRun, succeedRun } from "./settle-run.ts";
import { isFinalStep } from "./snapshot.ts";
import { parseTimerId, TIMER_EVENTS } from "./timer-id.ts";

export function handle(draft: Draft, event: Exclude<CauseEvent, { type: "run.create" }>): Answer {
  switch (event.type) {
    case "permit.granted":
      return grant(draft, event);
    case "attempt.settled":
      return settle(draft, event);
    case "step.answer":
      return answer(draft, event);
    case "attempt.progress":
    case "attempt.orphaned":
      return note(draft, event);
    case "timer.fired":
      return fire(draft, event.timer);
    case "run.finished":
      return finished(draft, event);
    case "run.cancel":
      return cancel(draft, event);
    case "run.pause":
      return pause(draft, event.by);
    case "run.resume":
      return resume(draft, event.by);
    case "run.quarantine":
      return quarantine(draft, event.reason);
    case "step.release":
    case "step.skip":
    case "step.override":
    case "step.fail":
      return decidedByPerson(draft, event);
  }
}

/** A timer that is not the live one of its actor is stale and ignored, and so is one that comes early (I-21): the store still holds it. */
function fire(draft: Draft, id: string): Answer {
  const name = parseTimerId(id);
  if (name === null) return TAKEN;
  const { at } = draft;
  if (name.kind === "limit") {
    // A run that is closing has no limit any more: what its steps left behind is put in order (I-26).
    if (!draft.runState.startsWith("running.") || isClosing(draft.runState) || !isDue(draft.run.context.dueAt, at)) return TAKEN;
    draft.moveRun({ type: TIMER_EVENTS.limit, at, dueAt: null });
    cancelSteps(draft);
    return TAKEN;
  }
  const step = stepOf(draft, name.actor);
  if (step === undefined) return unknownStep(draft, name.actor);
  const { state, actor } = draft.slot(step.index);
  const awaited = TIMED_STATES[name.kind];
  if (state !== awaited || actor.context.attempt !== name.attempt || !isDue(actor.context.dueAt, at)) return TAKEN;
  if (name.kind === "parking") expire(draft, step);
  else draft.moveStep(step, { type: TIMER_EVENTS[name.kind], at });
  return TAKEN;
}

/** The state of a step in which each of its timers lives. */
const TIMED_STATES = { backoff: "retrying", timeout: "running.executing", parking: "running.parked" } as const;

function isDue(dueAt: number | null, now: number): boolean {
  return dueAt !== null && now >= dueAt;
}

function finished(draft: Draft, { result }: CauseOf<"run.finished">): Answer {
  if (draft.runState !== "running.finishing") return TAKEN;
  if (result.ok) succeedRun(draft, result.output);
  else failRun(draft, { step: null, failure: result.failure });
  return TAKEN;
}

function cancel(draft: Draft, { by, reason }: CauseOf<"run.cancel">): Answer {
  const { runState, at } = draft;
  if (isFinalRun(runState)) return finishedAlready(draft);
  if (runState === "running.canceling") return TAKEN;
  if (runState === "running.finishing" && closeAfter(draft, { canceledBy: by })) return TAKEN;
  draft.moveRun({ type: "run.cancel", at, by, reason, dueAt: null });
  // What puts things in order goes on: a cancel in the middle of it would leave them as they are (I-26).
  if (!isClosing(draft.runState)) cancelSteps(draft);
  return TAKEN;
}

/** Compensation and `finally` have their turn after a cancel. */
function cancelSteps(draft: Draft): void {
  for (const step of stepsOf(draft)) {
    if (isFinalStep(draft.slot(step.index).state) || isClosingStep(step)) continue;
    draft.moveStep(step, { type: "step.cancel", at: draft.at });
  }
}

function pause(draft: Draft, by: string): Answer {
  const { runState, at } = draft;
  if (runState === "running.paused") return TAKEN;
  if (!mayStart(runState) || isClosing(runState))
    return refuse(new RequestError("RUN_NOT_RUNNING", { run: draft.start.runId, state: runState }));
  draft.moveRun({ type: "run.pause", at, by });
  for (const step of stepsOf(draft)) if (isAsking(draft, step)) draft.releasePermit(step);
  return TAKEN;
}

function resume(draft: Draft, by: string): Answer {
  const { runState, at } = draft;
  if (isFinalRun(runState)) return finishedAlready(draft);
  if (mayStart(runState)) return TAKEN;
  if (runState === "quarantined") {
    release(draft, by);
    readmit(draft);
    return TAKEN;
  }
  if (runState !== "running.paused") return refuse(new RequestError("RUN_NOT_PAUSED", { run: draft.start.runId, state: runState }));
  draft.moveRun({ type: "run.resume", at, by });
  readmit(draft);
  return TAKEN;
}

/** A run that was being stopped goes on stopping, and needs no limit for that. */
function release(draft: Draft, by: string): void {
  const limit = draft.run.context.stopping === null ? runLimit(draft) : {};
  draft.moveRun({ type: "run.release", at: draft.at, by, ...limit });
}

/** Asks again for every step that stood in the queue, and looks again at every step that may have become ready meanwhile. */
function readmit(draft: Draft): void {
  for (const step of stepsOf(draft)) {
    const { state, unmet } = draft.slot(step.index);
    if (isAsking(draft, step)) draft.requestPermit(step);
    // Its items may have ended while nothing was let go.
    else if (state === "running.fanned") draft.fanned.add(step.index);
    // Items wait for their window, and the steps of a later phase for that.
    else if (step.item !== null || (isClosingStep(step) && !isOpenPhase(draft, step))) continue;
    else if (state === "pending.blocked" && (unmet === 0 || step.join === "any_success"))
      draft.ripe.push({ index: step.index, because: "needs" });
  }
}

function quarantine(draft: Draft, reason: string): Answer {
  if (!draft.runState.startsWith("running.")) return TAKEN;
  draft.moveRun({ type: "run.quarantine", at: draft.at, reason });
  return TAKEN;
}

function decidedByPerson(
  draft: Draft,
  event: CauseOf<"step.release"> | CauseOf<"step.skip"> | CauseOf<"step.override"> | CauseOf<"step.fail">,
): Answer {
  const step = stepOf(draft, event.step);
  if (step === undefined) return unknownStep(draft, event.step);
  if (isFinalRun(draft.runState)) return finishedAlready(draft);
  const { state } = draft.slot(step.index);
  if (state !== "quarantined") return refuse(new RequestError("STEP_NOT_QUARANTINED", { step: step.id, state }));
  const { at } = draft;
  const { by } = event;
  const wasAtRest = draft.runState === "quarantined";
  if (wasAtRest) release(draft, by);
  switch (event.type) {
    case "step.release":
      draft.moveStep(step, { type: "step.release", at, by });
      draft.ripe.push({ index: step.index, because: "needs" });
      break;
    case "step.skip":
      draft.moveStep(step, { type: "step.skip", at, reason: { kind: "person", text: event.reason ?? `${by} skipped it`, by } });
      break;
    case "step.override":
      draft.moveStep(step, { type: "step.override", at, by, output: event.output });
      break;
    case "step.fail": {
      const detail = event.reason ?? `${by} declared it failed`;
      draft.moveStep(step, {
        type: "step.fail",
        at,
        by,
        failure: { class: "permanent", code: "FAILED_BY_PERSON", title: "Declared failed by a person", detail },
      });
      break;
    }
  }
  if (wasAtRest) readmit(draft);
  return TAKEN;
}
