/** What a new run takes over from an earlier one: everything that a repeated step cannot have changed. */
import type { LoadBlob } from "../core/blob.ts";
import { RequestError } from "../core/errors.ts";
import type { StepId } from "../core/ids.ts";
import type { Carried } from "../kernel/cause.ts";
import { isClosingStep } from "../kernel/phases.ts";
import { fanOutput, type ScopeSource, sourceOf } from "../kernel/scope.ts";
import type { RunSnapshot, StepSlot } from "../kernel/snapshot.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import type { NewBlob } from "../ports/attempt-runner.ts";
import { offload } from "../runtime/stored.ts";
import { digestOf } from "./ids.ts";
import type { Relation } from "./project-shape.ts";

export interface TakenOver {
  readonly carried: readonly Carried[];
  /** Lists of fan-outs, which the earlier run kept in its items alone. */
  readonly blobs: readonly NewBlob[];
}

/**
 * Results that the linked run starts with. A retry repeats what has not succeeded, a fork the step it starts from; both repeat all
 * that needs a repeated step (I-12), and what was compensated.
 *
 * @throws RequestError STEP_NOT_FOUND when a fork names a step that the workflow does not have
 */
export function carriedFrom(workflow: CompiledWorkflow, snapshot: RunSnapshot, relation: Relation, load: LoadBlob): TakenOver {
  const source = sourceOf(workflow, snapshot);
  const repeated = new Set<number>();
  for (const index of seedsOf(source, relation)) repeat(source, index, repeated);
  const carried: { readonly doneSeq: number; readonly result: Carried }[] = [];
  const blobs: NewBlob[] = [];
  for (const step of workflow.steps) {
    if (repeated.has(step.index) || isClosingStep(step)) continue;
    const { state, actor, doneSeq } = source.slot(step.index);
    const { output, skipped, attempt } = actor.context;
    if (state !== "succeeded" && state !== "skipped") continue;
    const list = step.fanOut === null || state === "skipped" ? null : offload(fanOutput(step, source, load), digestOf);
    blobs.push(...(list?.blobs ?? []));
    const result = { step: step.id, state, output: list?.stored ?? output, reason: skipped?.text ?? null, attempt };
    carried.push({ doneSeq, result });
  }
  // In this order they succeed in the new run as well, and so are compensated in reverse; those that were skipped have no part in that.
  return { carried: carried.toSorted((one, other) => one.doneSeq - other.doneSeq).map(({ result }) => result), blobs };
}

function seedsOf(source: ScopeSource, relation: Relation): readonly number[] {
  const { workflow, start } = source;
  const compensated = new Set(workflow.steps.flatMap((step) => compensatedBy(source, step)));
  const open = workflow.steps
    .filter((step) => !isClosingStep(step) && (!isSettled(source.slot(step.index)) || compensated.has(step.index)))
    .map(({ index }) => index);
  if (relation.kind === "retry") return open;
  const from = workflow.indexOf.get(relation.from);
  if (from === undefined) throw new RequestError("STEP_NOT_FOUND", { run: start.runId, step: relation.from as StepId });
  return [from, ...open];
}

/** The step whose success this one has undone. */
function compensatedBy(source: ScopeSource, { phase, index }: CompiledStep): readonly number[] {
  return phase.kind === "compensation" && source.slot(index).state === "succeeded" ? [phase.of] : [];
}

/** A step that was skipped because another failed is to be looked at again; one that its own condition skipped is not. */
function isSettled({ state, actor }: StepSlot): boolean {
  return state === "succeeded" || (state === "skipped" && actor.context.skipped?.kind !== "needs");
}

/** What needs a repeated step is repeated with it; a handler has its turn only where the failure that it handled comes again. */
function repeat(source: ScopeSource, index: number, repeated: Set<number>): void {
  const pending = [index];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (repeated.has(next)) continue;
    repeated.add(next);
    const step = source.workflow.steps[next];
    pending.push(...(step?.dependents ?? []));
    if (step?.phase.kind === "handler" && source.slot(step.phase.of).actor.context.caught === step.phase.rule) pending.push(step.phase.of);
  }
}
