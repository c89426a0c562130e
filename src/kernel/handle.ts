/** One cause against the state it meets: the events it becomes, or why it is turned away. */
import type { StepEvent, Verdict } from "../../actors/step/step.events.ts";
import type { Stored } from "../core/blob.ts";
import { RequestError, type TroupeError } from "../core/errors.ts";
import type { TaskFailure } from "../core/failure.ts";
import type { JsonObject } from "../core/json.ts";
import type { CompiledStep } from "../plan/workflow.ts";
import type { CauseEvent } from "./cause.ts";
import type { Draft } from "./draft.ts";
import { isFinalStep } from "./snapshot.ts";
import { parseTimerId, TIMER_EVENTS, timerId } from "./timer-id.ts";
import { type Delay, retryDelay, verdictOn } from "./verdict.ts";

export type Answer = { readonly kind: "taken" } | { readonly kind: "refused"; readonly error: TroupeError };

const TAKEN: Answer = { kind: "taken" };
type Of<TType extends CauseEvent["type"]> = Extract<CauseEvent, { type: TType }>;

export function handle(draft: Draft, event: Exclude<CauseEvent, { type: "run.create" }>): Answer {
  switch (event.type) {
    case "permit.granted":
      return grant(draft, event);
    case "attempt.settled":
      return settle(draft, event);
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

function grant(draft: Draft, event: Of<"permit.granted">): Answer {
  const step = stepOf(draft, event.step);
  if (step === undefined) return unknownStep(draft, event.step);
  const { state, actor } = draft.slot(step.index);
  // A second grant of the place that it holds: giving that back would let one attempt too many run.
  if (state === "running.executing" || state === "running.stopping") return TAKEN;
  const attempt = actor.context.attempt + 1;
  if (!isAsking(draft, step) || event.attempt !== attempt || !mayStart(draft.runState)) {
    draft.releasePermit(step);
    if (isAsking(draft, step) && mayStart(draft.runState)) draft.requestPermit(step);
    return TAKEN;
  }
  draft.moveStep(step, { type: "attempt.start", at: draft.at, attempt, ...timeLimit(draft, step, attempt) });
  return TAKEN;
}

function mayStart(runState: string): boolean {
  return runState === "running.executing" || runState === "running.waiting";
}

function timeLimit(draft: Draft, step: CompiledStep, attempt: number): object {
  if (step.timeout === null) return {};
  const delayMs = step.timeout.afterMs;
  return { delayMs, dueAt: draft.at + delayMs, timer: timerId({ actor: step.id, kind: "timeout", attempt }) };
}

/** The result of an attempt. One that is not the current attempt's, or comes when the step has ended, is stale (F-35). */
function settle(draft: Draft, event: Of<"attempt.settled">): Answer {
  const step = stepOf(draft, event.step);
  if (step === undefined) return unknownStep(draft, event.step);
  const { state, actor } = draft.slot(step.index);
  const open = state === "running.executing" || state === "running.stopping" || state === "quarantined";
  if (!open || actor.context.attempt !== event.attempt) return TAKEN;
  if (state === "quarantined" && event.outcome.kind === "not_started") return TAKEN;
  draft.moveStep(step, outcomeEvent(draft, step, event));
  return TAKEN;
}

function outcomeEvent(draft: Draft, step: CompiledStep, { attempt, outcome, usage: used }: Of<"attempt.settled">): StepEvent {
  const { at } = draft;
  const usage = used as unknown as JsonObject | null; // AttemptUsage holds nothing but JSON.
  const { stopping } = draft.slot(step.index).actor.context;
  const failed = (failure: TaskFailure): StepEvent => {
    return { type: "attempt.failed", at, attempt, outcome: { kind: "failed", failure }, usage, ...judge(draft, step, failure) };
  };
  const timedOut = (failure: TaskFailure, output: Stored): StepEvent => {
    return {
      type: "attempt.timed_out",
      at,
      attempt,
      outcome: { kind: "timed_out", failure, output },
      usage,
      ...judge(draft, step, failure),
    };
  };
  switch (outcome.kind) {
    case "succeeded":
      return { type: "attempt.succeeded", at, attempt, outcome, usage };
    case "failed":
      return failed(outcome.failure);
    case "timed_out":
      return timedOut(outcome.failure, outcome.fallback);
    case "stopped":
      if (stopping === "cancel") return { type: "attempt.stopped", at, attempt, outcome, usage };
      // Only a cancel may end as canceled: what stopped at its time limit, or of itself, did not do its work.
      return stopping === "timeout" ? timedOut(STOPPED_LATE, null) : failed(STOPPED_UNASKED);
    case "lost": {
      const repeatable = step.sideEffect !== "once" && (step.onEngineCrash === "reattach" || step.onEngineCrash === "retry");
      const verdict = { unrepeatable: step.onEngineCrash !== "fail" };
      return { type: "attempt.lost", at, attempt, outcome: { kind: "lost", failure: outcome.failure }, usage, repeatable, verdict };
    }
    case "not_started":
      return { type: "attempt.requeued", at, attempt, reason: outcome.reason };
  }
}

const STOPPED_LATE: TaskFailure = { class: "timeout", code: "TIMEOUT", title: "It was stopped at its time limit" };
const STOPPED_UNASKED: TaskFailure = { class: "canceled", code: "STOPPED", title: "It stopped without being asked to" };

/** The verdict on a failure, and the delay before the next attempt if the statechart will make one: no other event brings a timer. */
function judge(draft: Draft, step: CompiledStep, failure: TaskFailure): { readonly verdict: Verdict } & Partial<Delay> {
  const { state, actor } = draft.slot(step.index);
  const { retries, stopping, attempt } = actor.context;
  const verdict = verdictOn(step, failure);
  const again = state !== "quarantined" && stopping !== "cancel" && verdict.retryable && retries < verdict.maxRetries;
  return { verdict, ...(again && retryDelay(draft.start.runId, step, retries + 1, attempt, failure, draft.at)) };
}

function note(draft: Draft, event: Of<"attempt.progress"> | Of<"attempt.orphaned">): Answer {
  const step = stepOf(draft, event.step);
  if (step === undefined) return unknownStep(draft, event.step);
  const { state, actor } = draft.slot(step.index);
  const { attempt } = event;
  if (actor.context.attempt !== attempt) return TAKEN;
  if (event.type === "attempt.progress") {
    if (state === "running.executing") draft.moveStep(step, { type: "attempt.progress", at: draft.at, attempt, progress: event.data });
  } else if (state === "running.executing" || state === "running.stopping") {
    const quarantine = step.onEngineCrash === "quarantine";
    draft.moveStep(step, { type: "attempt.orphaned", at: draft.at, attempt, epoch: event.epoch, quarantine });
  }
  return TAKEN;
}

/** A timer that is not the live one of its actor is stale and ignored, and so is one that comes early (I-21): the store still holds it. */
function fire(draft: Draft, id: string): Answer {
  const name = parseTimerId(id);
  if (name === null) return TAKEN;
  const { at } = draft;
  if (name.kind === "limit") {
    if (!draft.runState.startsWith("running.") || !isDue(draft.run.context.dueAt, at)) return TAKEN;
    draft.moveRun({ type: TIMER_EVENTS.limit, at, dueAt: null });
    cancelSteps(draft);
    return TAKEN;
  }
  const step = stepOf(draft, name.actor);
  if (step === undefined) return unknownStep(draft, name.actor);
  const { state, actor } = draft.slot(step.index);
  const awaited = name.kind === "backoff" ? "retrying" : "running.executing";
  if (state !== awaited || actor.context.attempt !== name.attempt || !isDue(actor.context.dueAt, at)) return TAKEN;
  draft.moveStep(step, { type: TIMER_EVENTS[name.kind], at });
  return TAKEN;
}

function isDue(dueAt: number | null, now: number): boolean {
  return dueAt !== null && now >= dueAt;
}

function finished(draft: Draft, { result }: Of<"run.finished">): Answer {
  if (draft.runState !== "running.finishing") return TAKEN;
  const { at } = draft;
  if (result.ok) draft.moveRun({ type: "run.succeed", at, output: result.output });
  else draft.moveRun({ type: "run.fail", at, error: { step: null, failure: result.failure } });
  return TAKEN;
}

function cancel(draft: Draft, { by, reason }: Of<"run.cancel">): Answer {
  const { runState, at } = draft;
  if (isFinalRun(runState)) return finishedAlready(draft);
  if (runState === "running.canceling") return TAKEN;
  draft.moveRun({ type: "run.cancel", at, by, reason, dueAt: null });
  cancelSteps(draft);
  return TAKEN;
}

function cancelSteps(draft: Draft): void {
  for (const step of draft.workflow.steps) {
    if (!isFinalStep(draft.slot(step.index).state)) draft.moveStep(step, { type: "step.cancel", at: draft.at });
  }
}

function pause(draft: Draft, by: string): Answer {
  const { runState, at } = draft;
  if (runState === "running.paused") return TAKEN;
  if (!mayStart(runState)) return refuse(new RequestError("RUN_NOT_RUNNING", { run: draft.start.runId, state: runState }));
  draft.moveRun({ type: "run.pause", at, by });
  for (const step of draft.workflow.steps) if (isAsking(draft, step)) draft.releasePermit(step);
  return TAKEN;
}

function resume(draft: Draft, by: string): Answer {
  const { runState, at } = draft;
  if (isFinalRun(runState)) return finishedAlready(draft);
  if (mayStart(runState)) return TAKEN;
  if (runState === "quarantined") {
    draft.moveRun({ type: "run.release", at, by });
    readmit(draft);
    return TAKEN;
  }
  if (runState !== "running.paused") return refuse(new RequestError("RUN_NOT_PAUSED", { run: draft.start.runId, state: runState }));
  draft.moveRun({ type: "run.resume", at, by });
  readmit(draft);
  return TAKEN;
}

/** Asks again for every step that stood in the queue, and looks again at every step that may have become ready meanwhile. */
function readmit(draft: Draft): void {
  for (const step of draft.workflow.steps) {
    const { state, unmet } = draft.slot(step.index);
    if (isAsking(draft, step)) draft.requestPermit(step);
    else if (state === "pending.blocked" && (unmet === 0 || step.join === "any_success")) draft.ripe.push(step.index);
  }
}

function isAsking(draft: Draft, step: CompiledStep): boolean {
  const { state } = draft.slot(step.index);
  return state === "pending.queued" || state === "running.waiting";
}

function quarantine(draft: Draft, reason: string): Answer {
  if (!draft.runState.startsWith("running.")) return TAKEN;
  draft.moveRun({ type: "run.quarantine", at: draft.at, reason });
  return TAKEN;
}

function decidedByPerson(draft: Draft, event: Of<"step.release"> | Of<"step.skip"> | Of<"step.override"> | Of<"step.fail">): Answer {
  const step = stepOf(draft, event.step);
  if (step === undefined) return unknownStep(draft, event.step);
  if (isFinalRun(draft.runState)) return finishedAlready(draft);
  const { state } = draft.slot(step.index);
  if (state !== "quarantined") return refuse(new RequestError("STEP_NOT_QUARANTINED", { step: step.id, state }));
  const { at } = draft;
  const { by } = event;
  const wasAtRest = draft.runState === "quarantined";
  if (wasAtRest) draft.moveRun({ type: "run.release", at, by });
  switch (event.type) {
    case "step.release":
      draft.moveStep(step, { type: "step.release", at, by });
      draft.ripe.push(step.index);
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

function isFinalRun(runState: string): boolean {
  return runState === "succeeded" || runState === "failed" || runState === "canceled";
}

function stepOf(draft: Draft, id: string): CompiledStep | undefined {
  return draft.workflow.steps[draft.workflow.indexOf.get(id) ?? -1];
}

function refuse(error: TroupeError): Answer {
  return { kind: "refused", error };
}

function unknownStep(draft: Draft, step: string): Answer {
  return refuse(new RequestError("STEP_NOT_FOUND", { run: draft.start.runId, step }));
}

function finishedAlready(draft: Draft): Answer {
  return refuse(new RequestError("RUN_ALREADY_FINISHED", { run: draft.start.runId, state: draft.runState }));
}
