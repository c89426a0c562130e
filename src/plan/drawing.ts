/** What a drawing of a workflow shows, whatever the format. Texts in it are one line and harmless; each format escapes its own signs. */
import { at } from "./at.ts";
import { toLine } from "./line.ts";
import { mainSteps } from "./main-steps.ts";
import type { Plan } from "./plan.ts";
import type { CompiledStep, CompiledWorkflow, EdgeReason } from "./workflow.ts";

export interface DrawnStep {
  readonly id: string;
  /** The author's title, or empty. */
  readonly title: string;
  readonly type: string;
  /** 1 for steps that need nothing. */
  readonly wave: number;
  /** On the critical path. */
  readonly critical: boolean;
  readonly estimateMs: number;
  readonly slackMs: number;
  /** The step's state in a run; null in a drawing of a definition. */
  readonly state: string | null;
}

export interface DrawnEdge {
  /** Indices into `steps`. */
  readonly from: number;
  readonly to: number;
  /** Between two neighbours of the critical path. */
  readonly critical: boolean;
  readonly because: readonly EdgeReason[];
}

export interface Drawing {
  readonly name: string;
  readonly title: string;
  readonly steps: readonly DrawnStep[];
  readonly edges: readonly DrawnEdge[];
  /** Pairs that never run at the same time, the earlier step first. */
  readonly conflicts: readonly (readonly [number, number])[];
  readonly plan: Plan;
}

/** @param states by step id; drawn as colours and words. */
export function toDrawing(workflow: CompiledWorkflow, plan: Plan, states: ReadonlyMap<string, string> = new Map()): Drawing {
  const steps = mainSteps(workflow.steps);
  const path = plan.criticalPath.map((id) => workflow.indexOf.get(id));
  const critical = new Set(path);
  const before = new Map(path.map((index, position) => [index, path[position - 1]]));
  return {
    name: toLine(workflow.name),
    title: toLine(workflow.title ?? ""),
    steps: steps.map((step) => toDrawnStep(step, plan, critical.has(step.index), states.get(step.id))),
    edges: steps.flatMap(({ index, needs }) =>
      needs.map(({ from, because }) => ({ from, to: index, critical: before.get(index) === from, because })),
    ),
    conflicts: steps.flatMap(({ index, conflicts }) => conflicts.filter((other) => other > index).map((other) => [index, other] as const)),
    plan,
  };
}

function toDrawnStep({ id, index, title, type }: CompiledStep, plan: Plan, critical: boolean, state: string | undefined): DrawnStep {
  const { wave, estimateMs, slackMs } = at(plan.steps, index);
  const shown = state === undefined ? null : toLine(state);
  return { id: toLine(id), title: toLine(title ?? ""), type: toLine(type), wave, critical, estimateMs, slackMs, state: shown };
}
