/** What becomes of a cause, and the questions that every way of handling one asks. */
import { RequestError, type TroupeError } from "../core/errors.ts";
import type { CompiledStep } from "../plan/workflow.ts";
import type { CauseEvent } from "./cause.ts";
import type { Draft } from "./draft.ts";
import { stepById } from "./roster.ts";

export type Answer = { readonly kind: "taken" } | { readonly kind: "refused"; readonly error: TroupeError };

export const TAKEN: Answer = { kind: "taken" };

/** A cause's event by its type. */
export type CauseOf<TType extends CauseEvent["type"]> = Extract<CauseEvent, { type: TType }>;

/** States of a run in which steps may get places. */
export function mayStart(runState: string): boolean {
  return runState === "running.executing" || runState === "running.waiting" || isClosing(runState);
}

/** The main steps have ended; what they leave behind is put in order. */
export function isClosing(runState: string): boolean {
  return runState === "running.compensating" || runState === "running.concluding";
}

export function isFinalRun(runState: string): boolean {
  return runState === "succeeded" || runState === "failed" || runState === "canceled";
}

export function stepOf(draft: Draft, id: string): CompiledStep | undefined {
  return stepById(draft, id);
}

export function refuse(error: TroupeError): Answer {
  return { kind: "refused", error };
}

export function unknownStep(draft: Draft, step: string): Answer {
  return refuse(new RequestError("STEP_NOT_FOUND", { run: draft.start.runId, step }));
}

export function finishedAlready(draft: Draft): Answer {
  return refuse(new RequestError("RUN_ALREADY_FINISHED", { run: draft.start.runId, state: draft.runState }));
}

export function isAsking(draft: Draft, step: CompiledStep): boolean {
  const { state } = draft.slot(step.index);
  return state === "pending.queued" || state === "running.waiting";
}
