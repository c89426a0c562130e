/** A workflow's graph as the API answers it. */
import type { GraphView } from "../contract/graph-view.ts";
import { at } from "../plan/at.ts";
import { toDrawing } from "../plan/drawing.ts";
import { mainSteps } from "../plan/main-steps.ts";
import { placeGraph } from "../plan/place-graph.ts";
import { plan } from "../plan/plan.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";

export function graphView(workflow: CompiledWorkflow, workers: number): GraphView {
  const drawing = toDrawing(workflow, plan(workflow, { workers }));
  const { width, height, boxes, lines } = placeGraph(drawing);
  const steps = mainSteps(workflow.steps);
  return {
    workflow: workflow.name,
    width,
    height,
    nodes: drawing.steps.map(({ wave, critical }, index) => {
      const { id, title, type, fanOut } = at(steps, index);
      return { id, title, type, wave, critical, fansOut: fanOut !== null, ...at(boxes, index) };
    }),
    edges: drawing.edges.map(({ from, to, critical, because }, index) => ({
      from: at(steps, from).id,
      to: at(steps, to).id,
      because: because[0]?.kind ?? "needs",
      critical,
      points: at(lines, index),
    })),
  };
}
