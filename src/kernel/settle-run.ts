/** After every decision: what the steps' states, taken together, mean for the run. */
import type { RunEvent, RunFailure } from "../../actors/run/run.events.ts";
import type { Stored } from "../core/blob.ts";
import { InvariantError } from "../core/errors.ts";
import { isClosing } from "./answer.ts";
import type { Draft } from "./draft.ts";
import { closingSteps, nextCompensation, skipPhase } from "./phases.ts";

/** Progress is reported when it grew and the last report is this old, so that short steps do not double the journal. */
const PROGRESS_EVERY_MS = 1_000;

/** Tells whether a later phase of the run has begun, so that there is more to decide. */
export function settleRun(draft: Draft): boolean {
  const { runState } = draft;
  if (!runState.startsWith("running.") || runState === "running.finishing") return false;
  const busy = busySteps(draft);
  const waiting = draft.count("retrying") + draft.count("running.parked") + draft.count("running.fanned") + draft.count("quarantined");
  if (isClosing(runState)) return settleClosing(draft, busy + waiting);
  const unfinished = busy + waiting + draft.count("pending.blocked") - closingCount(draft);
  if (runState === "running.canceling") {
    if (unfinished === 0) stopped(draft);
    return isClosing(draft.runState);
  }
  if (unfinished === 0) {
    end(draft);
    return isClosing(draft.runState);
  }
  if (busy === 0) rest(draft);
  else if (runState === "running.waiting") draft.moveRun({ type: "run.wake", at: draft.at });
  report(draft);
  return false;
}

/** Steps of the later phases; none of them has begun while the main ones go on. */
function closingCount({ workflow }: Draft): number {
  const { compensation, finally: last } = closingSteps(workflow);
  return compensation.length + last.length;
}

/** Steps that run or have asked to. */
function busySteps(draft: Draft): number {
  return (
    draft.count("pending.queued") + draft.count("running.executing") + draft.count("running.waiting") + draft.count("running.stopping")
  );
}

/** All main steps have ended of themselves. */
function end(draft: Draft): void {
  const { workflow } = draft;
  const error = failureOf(draft);
  if (error !== null) failRun(draft, error);
  else if (workflow.output !== null || workflow.outputSchema !== null) draft.moveRun({ type: "run.finish", at: draft.at });
  else succeedRun(draft, null);
}

/** The run will have failed; what its steps did is compensated first. */
export function failRun(draft: Draft, error: RunFailure): void {
  if (!closeAfter(draft, { error })) draft.moveRun({ type: "run.fail", at: draft.at, error });
}

/** The run will have succeeded, unless a step of `finally` fails. */
export function succeedRun(draft: Draft, output: Stored): void {
  const { at } = draft;
  skipPhase(draft, "compensation", "the run did not fail");
  if (closingSteps(draft.workflow).finally.length > 0) conclude(draft, { output });
  else draft.moveRun({ type: "run.succeed", at, output });
}

function failureOf(draft: Draft): RunFailure | null {
  const step = draft.workflow.steps[draft.firstFailed];
  if (step === undefined) return null;
  const failure = draft.slot(step.index).actor.context.failure ?? { class: "permanent" as const, code: "FAILED", title: "It failed" };
  return { step: step.id, failure };
}

/** All main steps have stopped because they were told to. */
function stopped(draft: Draft): void {
  const error = draft.run.context.stopping === "timeout" ? timeoutOf(draft) : null;
  if (!closeAfter(draft, { error })) draft.moveRun({ type: "run.stopped", at: draft.at, ...(error !== null && { error }) });
}

type Concluding = Omit<Extract<RunEvent, { type: "run.conclude" }>, "type" | "at" | "dueAt">;

/** Begins what follows the main steps of a run that does not succeed; false when nothing does. */
export function closeAfter(draft: Draft, { error = null, canceledBy }: Pick<Concluding, "error" | "canceledBy">): boolean {
  const { compensation, finally: last } = closingSteps(draft.workflow);
  const by = canceledBy === undefined ? {} : { canceledBy };
  if (compensation.length > 0) draft.moveRun({ type: "run.compensate", at: draft.at, error, dueAt: null, ...by });
  else if (last.length > 0) conclude(draft, { error, ...by });
  return compensation.length + last.length > 0;
}

function conclude(draft: Draft, known: Concluding): void {
  draft.moveRun({ type: "run.conclude", at: draft.at, dueAt: null, ...known });
  for (const step of closingSteps(draft.workflow).finally) {
    if (step.needs.length === 0) draft.ripe.push({ index: step.index, because: "needs" });
  }
}

function timeoutOf({ workflow }: Draft): RunFailure {
  const detail = `The run has a time limit of ${workflow.timeoutMs} ms.`;
  return { step: null, failure: { class: "timeout", code: "RUN_TIMEOUT", title: "The run took too long", detail } };
}

/** Compensation goes step by step, `finally` as its needs allow; then the run is what it was going to be. */
function settleClosing(draft: Draft, pending: number): boolean {
  const { at, runState } = draft;
  if (pending > 0) {
    if (busySteps(draft) === 0) restClosing(draft);
    return false;
  }
  if (runState === "running.compensating") {
    const next = nextCompensation(draft);
    if (next !== null) draft.moveStep(next, { type: "step.ready", at });
    else if (closingSteps(draft.workflow).finally.length > 0) conclude(draft, {});
    else close(draft);
    return draft.runState === "running.concluding";
  }
  close(draft);
  return false;
}

function close(draft: Draft): void {
  const { at, run } = draft;
  const { error, stopping, output } = run.context;
  const failure = error ?? (stopping === null ? failureOf(draft) : null);
  if (stopping !== null) draft.moveRun({ type: "run.stopped", at, ...(failure !== null && { error: failure }) });
  else if (failure !== null) draft.moveRun({ type: "run.fail", at, error: failure });
  else draft.moveRun({ type: "run.succeed", at, output });
}

/** Nothing runs: the run waits for a timer, for an answer or for a person, or we have made a mistake. */
function rest(draft: Draft): void {
  const { at, runState } = draft;
  if (runState === "running.paused") return;
  if (draft.count("retrying") + draft.count("running.parked") > 0) {
    if (runState === "running.executing") draft.moveRun({ type: "run.rest", at });
    return;
  }
  if (!asksPerson(draft)) throw new InvariantError("INV_DEADLOCK", { run: draft.start.runId, blocked: draft.count("pending.blocked") });
}

function restClosing(draft: Draft): void {
  if (draft.count("retrying") + draft.count("running.parked") === 0) asksPerson(draft);
}

function asksPerson(draft: Draft): boolean {
  const quarantined = draft.count("quarantined");
  if (quarantined === 0) return false;
  const reason = quarantined === 1 ? "1 step is quarantined" : `${quarantined} steps are quarantined`;
  draft.moveRun({ type: "run.quarantine", at: draft.at, reason });
  return true;
}

function report(draft: Draft): void {
  const total = draft.stepCount;
  const done = draft.count("succeeded") + draft.count("failed") + draft.count("skipped") + draft.count("canceled");
  const percent = Math.floor((100 * done) / total);
  if (percent <= draft.progress.percent || draft.at - draft.progress.at < PROGRESS_EVERY_MS) return;
  if (draft.runState.startsWith("running.")) draft.moveRun({ type: "run.progress", at: draft.at, progress: { done, total, percent } });
}
