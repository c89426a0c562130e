/** Two runs side by side: only what differs, and how much faster or slower it was. */
import type { RunDiff, StepDiff } from "../../contract/run-diff.ts";
import type { RunView, StepView } from "../../contract/run-view.ts";
import { canonicalJson, type Json } from "../../core/json.ts";

export function computeRunDiff(left: RunView, right: RunView): RunDiff {
  const leftSteps = new Map(left.steps.map((step) => [step.id, step]));
  const rightIds = new Set(right.steps.map(({ id }) => id));
  return {
    left: left.id,
    right: right.id,
    sameWorkflow: left.workflow === right.workflow,
    sameDefinition: left.definitionHash === right.definitionHash,
    sameInput: isSame(left.input, right.input),
    state: [left.state, right.state],
    durationMs: [left.durationMs, right.durationMs],
    costUsd: [left.costUsd, right.costUsd],
    output: isSame(left.output, right.output) ? null : [left.output, right.output],
    steps: [
      ...right.steps.map((step) => stepDiff(leftSteps.get(step.id), step)),
      ...left.steps.filter(({ id }) => !rightIds.has(id)).map((step) => stepDiff(step, undefined)),
    ],
  };
}

function stepDiff(left: StepView | undefined, right: StepView | undefined): StepDiff {
  const output = isSame(left?.output ?? null, right?.output ?? null) ? null : ([left?.output ?? null, right?.output ?? null] as const);
  const state = [left?.state ?? null, right?.state ?? null] as const;
  const attempts = [left?.attempts ?? 0, right?.attempts ?? 0] as const;
  return {
    id: left?.id ?? right?.id ?? "",
    only: left === undefined ? "right" : right === undefined ? "left" : null,
    state,
    attempts,
    durationMs: [ownDuration(left), ownDuration(right)],
    output,
    isChanged: state[0] !== state[1] || attempts[0] !== attempts[1] || output !== null,
  };
}

/** Waits between attempts say nothing about the step. A result that was taken over took no time of this run. */
function ownDuration(step: StepView | undefined): number | null {
  return step === undefined || step.cached ? null : step.workMs;
}

function isSame(left: Json, right: Json): boolean {
  return canonicalJson(left) === canonicalJson(right);
}
