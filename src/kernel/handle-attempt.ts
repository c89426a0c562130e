/** Causes that come from attempts: a place was granted, something was reported, the attempt ended or lost its engine. */
import type { Caught, StepEvent, Verdict } from "../../actors/step/step.events.ts";
import { POISON_CRASHES } from "../../actors/step/step.machine.ts";
import type { Stored } from "../core/blob.ts";
import { RequestError } from "../core/errors.ts";
import type { TaskFailure } from "../core/failure.ts";
import type { JsonObject } from "../core/json.ts";
import type { Answered, ParkedUntil } from "../plan/parking.ts";
import type { CompiledStep } from "../plan/workflow.ts";
import { type Answer, type CauseOf, isAsking, mayStart, refuse, stepOf, TAKEN, unknownStep } from "./answer.ts";
import { caughtBy } from "./caught.ts";
import type { AttemptOutcome } from "./cause.ts";
import type { Draft } from "./draft.ts";
import type { StepSlot } from "./snapshot.ts";
import { TIMER_EVENTS, timerId } from "./timer-id.ts";
import { type Delay, mayRepeat, retryDelay, verdictOn } from "./verdict.ts";

export function grant(draft: Draft, event: CauseOf<"permit.granted">): Answer {
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

function timeLimit(draft: Draft, step: CompiledStep, attempt: number): object {
  if (step.timeout === null) return {};
  const delayMs = step.timeout.afterMs;
  return { delayMs, dueAt: draft.at + delayMs, timer: timerId({ actor: step.id, kind: "timeout", attempt }) };
}

/** The result of an attempt. One that is not the current attempt's, or comes when the step has ended, is stale (F-35). */
export function settle(draft: Draft, event: CauseOf<"attempt.settled">): Answer {
  const step = stepOf(draft, event.step);
  if (step === undefined) return unknownStep(draft, event.step);
  const { state, actor } = draft.slot(step.index);
  const open = state === "running.executing" || state === "running.stopping" || state === "quarantined";
  if (!open || actor.context.attempt !== event.attempt) return TAKEN;
  if (state === "quarantined" && !TELLING.has(event.outcome.kind)) return TAKEN;
  draft.moveStep(step, outcomeEvent(draft, step, event));
  return TAKEN;
}

/** Outcomes that are of use to the person who decides about a quarantined step. */
const TELLING: ReadonlySet<AttemptOutcome["kind"]> = new Set(["succeeded", "failed", "timed_out", "stopped", "lost"]);

function outcomeEvent(draft: Draft, step: CompiledStep, { attempt, outcome, usage: used }: CauseOf<"attempt.settled">): StepEvent {
  const { at } = draft;
  const usage = used as unknown as JsonObject | null; // AttemptUsage holds nothing but JSON.
  const { context } = draft.slot(step.index).actor;
  const { stopping } = context;
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
    case "lost":
      return { type: "attempt.lost", at, attempt, usage, ...judgeLoss(draft, step, context, outcome) };
    case "parked":
      return { type: "attempt.parked", at, attempt, usage, until: outcome.until, ...parkingLimit(step, attempt, outcome.until, at) };
    case "fanned":
      return { type: "attempt.fanned", at, attempt, usage, keys: outcome.keys, items: outcome.items };
    case "not_started":
      return { type: "attempt.requeued", at, attempt, reason: outcome.reason };
  }
}

function parkingLimit(step: CompiledStep, attempt: number, { dueAt }: ParkedUntil, now: number): Partial<Delay> {
  if (dueAt === null) return {};
  return { delayMs: Math.max(0, dueAt - now), dueAt, timer: timerId({ actor: step.id, kind: "parking", attempt }) };
}

type Loss = Pick<Extract<StepEvent, { type: "attempt.lost" }>, "outcome" | "repeatable" | "counted" | "verdict" | "caught">;

/**
 * What is lost may be repeated, but not for ever: a loss while its engine lived counts as an engine's death within it does, and the
 * last one that the step may have comes before a person (I-18). One that followed such a death has been counted with it.
 */
function judgeLoss(
  draft: Draft,
  step: CompiledStep,
  context: StepSlot["actor"]["context"],
  outcome: Extract<AttemptOutcome, { kind: "lost" }>,
): Loss {
  const { attempt, crashes, orphaned } = context;
  const counted = outcome.withEngine !== true && orphaned !== attempt;
  const isPoisonous = crashes + Number(counted) >= POISON_CRASHES;
  const follows = step.onEngineCrash === "reattach" || step.onEngineCrash === "retry";
  const detail = `${POISON_CRASHES} of its attempts ended without a result, so that nothing repeats it any more.`;
  const failure = isPoisonous ? { ...outcome.failure, detail } : outcome.failure;
  const caught = caughtBy(draft, step, failure);
  return {
    outcome: { kind: "lost", failure },
    repeatable: follows && mayRepeat(step) && !isPoisonous,
    counted,
    verdict: { unrepeatable: step.onEngineCrash !== "fail" },
    ...(caught !== null && { caught }),
  };
}

const STOPPED_LATE: TaskFailure = { class: "timeout", code: "TIMEOUT", title: "It was stopped at its time limit" };
const STOPPED_UNASKED: TaskFailure = { class: "canceled", code: "STOPPED", title: "It stopped without being asked to" };

interface Judgement extends Partial<Delay> {
  readonly verdict: Verdict;
  readonly caught?: Caught;
}

/**
 * The verdict on a failure, the delay before the next attempt if the statechart will make one (no other event brings a timer), and if
 * not, what the author's `catch` makes of it.
 */
function judge(draft: Draft, step: CompiledStep, failure: TaskFailure): Judgement {
  const { state, actor } = draft.slot(step.index);
  const { retries, stopping, attempt } = actor.context;
  const verdict = verdictOn(step, failure);
  const again = state !== "quarantined" && stopping !== "cancel" && verdict.retryable && retries < verdict.maxRetries;
  if (again) return { verdict, ...retryDelay(draft.start.runId, step, retries + 1, attempt, failure, draft.at) };
  const caught = state === "quarantined" ? null : caughtBy(draft, step, failure);
  return { verdict, ...(caught !== null && { caught }) };
}

export function note(draft: Draft, event: CauseOf<"attempt.progress"> | CauseOf<"attempt.orphaned">): Answer {
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

/** What a parked step waited for. An approval must be of exactly what was shown (X12); whoever comes second or late is told (I-24). */
export function answer(draft: Draft, event: CauseOf<"step.answer">): Answer {
  const step = stepOf(draft, event.step);
  if (step === undefined) return unknownStep(draft, event.step);
  const { state, actor } = draft.slot(step.index);
  const { attempt, parked } = actor.context;
  if (state !== "running.parked" || attempt !== event.attempt || parked === null)
    return refuse(new RequestError("STEP_NOT_WAITING", { step: step.id, state }));
  if (parked.parking.kind === "approval" && event.digest !== parked.parking.digest)
    return refuse(new RequestError("APPROVAL_DIGEST", { step: step.id, shown: event.digest ?? "", wanted: parked.parking.digest }));
  const { answer: given, by, digest } = event;
  draft.moveStep(step, { type: "step.answer", at: draft.at, attempt, answer: given, by, digest, ...catching(draft, step, given) });
  return TAKEN;
}

/** The time of a parked step is up: what was laid down for that settles it. */
export function expire(draft: Draft, step: CompiledStep): void {
  const { parked } = draft.slot(step.index).actor.context;
  if (parked === null) return;
  draft.moveStep(step, { type: TIMER_EVENTS.parking, at: draft.at, answer: parked.onDue, ...catching(draft, step, parked.onDue) });
}

function catching(draft: Draft, step: CompiledStep, given: Answered): { readonly caught?: Caught } {
  const caught = given.kind === "failed" ? caughtBy(draft, step, given.failure) : null;
  return caught === null ? {} : { caught };
}
