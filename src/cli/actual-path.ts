/** The longest chain of a run by the durations that its steps really had. */
import type { RunView } from "../contract/run-view.ts";
import { computeTimeline } from "../plan/critical-path.ts";
import { computeOrder } from "../plan/order.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";

export function computeActualPath(workflow: CompiledWorkflow, { steps }: Pick<RunView, "steps">): readonly string[] {
  const durations = new Map(steps.map(({ id, durationMs, cached }) => [id, cached ? 0 : (durationMs ?? 0)]));
  const durationsMs = Float64Array.from(workflow.steps, ({ id }) => durations.get(id) ?? 0);
  const { criticalPath } = computeTimeline(workflow.steps, computeOrder(workflow.steps), durationsMs);
  return criticalPath.flatMap((index) => {
    const id = workflow.steps[index]?.id;
    return id !== undefined && (durations.get(id) ?? 0) > 0 ? [id] : [];
  });
}
