/** The state of one run: its own actor, the actors of its steps, and counts over them. A value; every decision makes a new one. */
import type { CauseId } from "../core/ids.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { RunStart } from "./cause.ts";
import { dottedState, type RunActor, runReducer, type StepActor, stepReducer } from "./machine.ts";
import { type Paged, pagedOf } from "./paged.ts";
import type { Fan } from "./roster.ts";

/** States of a step without substates below, in the order in which counts are kept. */
export const STEP_STATES = [
  "pending.blocked",
  "pending.queued",
  "running.executing",
  "running.waiting",
  "running.parked",
  "running.fanned",
  "running.stopping",
  "retrying",
  "succeeded",
  "failed",
  "skipped",
  "canceled",
  "quarantined",
] as const;
export type StepState = (typeof STEP_STATES)[number];

export interface StepSlot {
  readonly actor: StepActor;
  readonly state: StepState;
  /** Needed steps that have not ended yet. */
  readonly unmet: number;
  /** Seq of the entry by which it succeeded; 0 before. */
  readonly doneSeq: number;
}

export interface Progress {
  readonly percent: number;
  /** Epoch milliseconds of the last report. */
  readonly at: number;
}

export interface RunSnapshot {
  readonly start: RunStart;
  /** Of the last entry. */
  readonly seq: number;
  readonly run: RunActor;
  /** By index: the workflow's own, and the items of its fan-outs behind them. */
  readonly steps: Paged<StepSlot>;
  readonly fans: readonly Fan[];
  /** How many steps are in each state, parallel to `STEP_STATES`. */
  readonly counts: readonly number[];
  /** Index of the first step that failed and is not optional; -1 if none has. */
  readonly firstFailed: number;
  /** Ids of the latest causes, oldest first. */
  readonly recentCauses: readonly CauseId[];
  readonly progress: Progress;
}

/** Causes remembered so that a repeated one changes nothing. */
export const RECENT_CAUSES = 32;

export function stepState(actor: StepActor): StepState {
  return dottedState(actor.value) as StepState; // The machine has no other states; `step.machine.test.ts` compares the lists.
}

export function runState(snapshot: RunSnapshot): string {
  return dottedState(snapshot.run.value);
}

export function isFinalStep(state: StepState): boolean {
  return state === "succeeded" || state === "failed" || state === "skipped" || state === "canceled";
}

/** Steps that occupy what they touch: asked for a place, running, or about to run again. */
export function isHolding(state: StepState): boolean {
  return state === "pending.queued" || state === "retrying" || state.startsWith("running.");
}

export function countOf(counts: readonly number[], state: StepState): number {
  return counts[STEP_STATES.indexOf(state)] ?? 0;
}

const initialSteps = new WeakMap<CompiledWorkflow, Paged<StepSlot>>();

/** The steps of a run that has not begun; one list serves all runs of a workflow. */
function initialStepsOf(workflow: CompiledWorkflow): Paged<StepSlot> {
  let steps = initialSteps.get(workflow);
  if (steps === undefined) {
    const actor = stepReducer.initial;
    steps = pagedOf(workflow.steps.map((step) => ({ actor, state: "pending.blocked" as const, unmet: step.needs.length, doneSeq: 0 })));
    initialSteps.set(workflow, steps);
  }
  return steps;
}

export function initialSnapshot(workflow: CompiledWorkflow, start: RunStart, at: number): RunSnapshot {
  const counts = STEP_STATES.map((state) => (state === "pending.blocked" ? workflow.steps.length : 0));
  return {
    start,
    seq: 0,
    run: runReducer.initial,
    steps: initialStepsOf(workflow),
    fans: [],
    counts,
    firstFailed: -1,
    recentCauses: [],
    progress: { percent: 0, at },
  };
}
