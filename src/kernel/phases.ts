/**
 * The phases of a run: its main steps with their handlers, then compensation (newest success first), then `finally`.
 *
 * PH1 Compensation runs when the run fails or is canceled, one step at a time, for recorded successes only (I-26).
 * PH2 `finally` runs at the end of every run whose first step began, whatever became of it.
 */
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import type { Draft } from "./draft.ts";

export type ClosingPhase = "compensation" | "finally";

/** Whether a step belongs to what follows the main steps. */
export function isClosingStep({ phase }: CompiledStep): boolean {
  return phase.kind === "compensation" || phase.kind === "finally";
}

const closing = new WeakMap<CompiledWorkflow, Readonly<Record<ClosingPhase, readonly CompiledStep[]>>>();

export function closingSteps(workflow: CompiledWorkflow): Readonly<Record<ClosingPhase, readonly CompiledStep[]>> {
  let found = closing.get(workflow);
  if (found === undefined) {
    found = {
      compensation: workflow.steps.filter(({ phase }) => phase.kind === "compensation"),
      finally: workflow.steps.filter(({ phase }) => phase.kind === "finally"),
    };
    closing.set(workflow, found);
  }
  return found;
}

/** Whether the turn of a closing step's phase has come. Compensation gets ready one by one, in the order of `nextCompensation`. */
export function isOpenPhase({ runState }: Draft, { phase }: CompiledStep): boolean {
  return phase.kind === "finally" && runState === "running.concluding";
}

/** The compensation of the latest success that has none yet; the others are skipped once their turn has come. */
export function nextCompensation(draft: Draft): CompiledStep | null {
  let next: CompiledStep | null = null;
  let latest = 0;
  for (const step of closingSteps(draft.workflow).compensation) {
    if (step.phase.kind !== "compensation" || draft.slot(step.index).state !== "pending.blocked") continue;
    const { state, doneSeq } = draft.slot(step.phase.of);
    if (state !== "succeeded") {
      const text = `\`${draft.workflow.steps[step.phase.of]?.id ?? ""}\` did not succeed`;
      draft.moveStep(step, { type: "step.skip", at: draft.at, reason: { kind: "compensation", text } });
    } else if (doneSeq > latest) {
      latest = doneSeq;
      next = step;
    }
  }
  return next;
}

/** What has no turn in this run is told so, that no step is left without an outcome. */
export function skipPhase(draft: Draft, phase: ClosingPhase, text: string): void {
  for (const step of closingSteps(draft.workflow)[phase]) {
    if (draft.slot(step.index).state !== "pending.blocked") continue;
    draft.moveStep(step, { type: "step.skip", at: draft.at, reason: { kind: "compensation", text } });
  }
}
