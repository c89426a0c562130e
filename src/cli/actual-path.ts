/** The longest chain of a run by the durations that its steps really had. */
import type { RunView } from "../contract/run-view.ts";
import { computeTimeline } from "../plan/critical-path.ts";
import { mainSteps } from "../plan/main-steps.ts";
import { computeOrder } from "../plan/order.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";

export function computeActualPath(workflow: CompiledWorkflow, { steps }: Pick<RunView, "steps">): readonly string[] {
  const durations = new Map(steps.map(({ id, durationMs, cached }) => [id, cached ? 0 : (durationMs ?? 0)]));
  // What follows a failure, or ends every run, has no edges to the others and is no part of their chain.
  const main = mainSteps(workflow.steps);
  const durationsMs = Float64Array.from(main, ({ id }) => durations.get(id) ?? 0);
  const { criticalPath } = computeTimeline(main, computeOrder(main), durationsMs);
  return criticalPath.flatMap((index) => {
    const id = workflow.steps[index]?.id;
    return id !== undefined && (durations.get(id) ?? 0) > 0 ? [id] : [];
  });
}
