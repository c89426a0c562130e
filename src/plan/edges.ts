/** The edges of a workflow with the fields that make them, by step id. */
import type { StepId } from "../core/ids.ts";
import { at } from "./at.ts";
import type { CompiledStep, CompiledWorkflow, EdgeReason } from "./workflow.ts";

export interface ListedEdge {
  /** The step needed. */
  readonly from: StepId;
  /** The step that needs it. */
  readonly to: StepId;
  /** One entry for each place in the definition that makes the edge. */
  readonly because: readonly EdgeReason[];
}

/** By the step that needs, in the order of the file. */
export function listEdges({ steps }: Pick<CompiledWorkflow, "steps">): ListedEdge[] {
  return steps.flatMap((step) => step.needs.map(({ from, because }) => ({ from: idAt(steps, from), to: step.id, because })));
}

/** The id of a step that is known to exist, such as one found in an edge. */
export function idAt(steps: readonly CompiledStep[], index: number): StepId {
  return at(steps, index).id;
}
