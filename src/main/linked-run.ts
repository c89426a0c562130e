/** What a new run takes over from an earlier one: everything that a repeated step cannot have changed. */
import { RequestError } from "../core/errors.ts";
import type { StepId } from "../core/ids.ts";
import type { Carried } from "../kernel/cause.ts";
import { itemAt } from "../kernel/paged.ts";
import type { RunSnapshot, StepSlot } from "../kernel/snapshot.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { Relation } from "./project-shape.ts";

/**
 * Results that the linked run starts with. A retry repeats what has not succeeded, a fork the step it starts from; both repeat all
 * that needs a repeated step (I-12).
 *
 * @throws RequestError STEP_NOT_FOUND when a fork names a step that the workflow does not have
 */
export function carriedFrom(workflow: CompiledWorkflow, snapshot: RunSnapshot, relation: Relation): readonly Carried[] {
  const repeated = new Set<number>();
  for (const index of seedsOf(workflow, snapshot, relation)) repeat(workflow, index, repeated);
  const carried: Carried[] = [];
  for (const step of workflow.steps) {
    if (repeated.has(step.index)) continue;
    const { state, actor } = itemAt(snapshot.steps, step.index);
    const { output, skipped, attempt } = actor.context;
    if (state === "succeeded" || state === "skipped")
      carried.push({ step: step.id, state, output, reason: skipped?.text ?? null, attempt });
  }
  return carried;
}

function seedsOf(workflow: CompiledWorkflow, snapshot: RunSnapshot, relation: Relation): readonly number[] {
  const open = workflow.steps.filter((step) => !isSettled(itemAt(snapshot.steps, step.index))).map(({ index }) => index);
  if (relation.kind === "retry") return open;
  const from = workflow.indexOf.get(relation.from);
  if (from === undefined) throw new RequestError("STEP_NOT_FOUND", { run: snapshot.start.runId, step: relation.from as StepId });
  return [from, ...open];
}

/** A step that was skipped because another failed is to be looked at again; one that its own condition skipped is not. */
function isSettled({ state, actor }: StepSlot): boolean {
  return state === "succeeded" || (state === "skipped" && actor.context.skipped?.kind !== "needs");
}

function repeat(workflow: CompiledWorkflow, index: number, repeated: Set<number>): void {
  const pending = [index];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (repeated.has(next)) continue;
    repeated.add(next);
    pending.push(...(workflow.steps[next]?.dependents ?? []));
  }
}
