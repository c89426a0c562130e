/** Everything that is known about a run before it starts: `troupe plan`, and the same over the API. */
import type { StepId } from "../core/ids.ts";
import { at } from "./at.ts";
import { type Bounds, computeBounds } from "./bounds.ts";
import { computeTimeline, type Timeline } from "./critical-path.ts";
import { idAt, type ListedEdge, listEdges } from "./edges.ts";
import { computeEstimates } from "./estimate.ts";
import { mainSteps } from "./main-steps.ts";
import { computeOrder, type Order } from "./order.ts";
import { computeSpread, type History, type Spread } from "./quantile.ts";
import { computeSchedule, computeSpeedup } from "./schedule.ts";
import type { CompiledStep, CompiledWorkflow } from "./workflow.ts";

export interface PlanOptions {
  /** Steps that may run at once; the workflow's own `concurrency` may lower it. */
  readonly workers: number;
  readonly history?: History;
}

export interface PlannedStep extends Partial<Spread> {
  readonly id: StepId;
  readonly needs: readonly StepId[];
  /** 1 for steps that need nothing; else one more than the last wave among those it needs. */
  readonly wave: number;
  /** Any delay of it delays the run (if workers suffice). */
  readonly critical: boolean;
  readonly slackMs: number;
  readonly estimateMs: number;
}

/** A step that no wave holds: it runs when another has failed, when the run has, or at the end of every run. */
export interface LaterStep {
  readonly id: StepId;
  readonly phase: "handler" | "compensation" | "finally";
  /** The step that it handles or compensates; null for `finally`. */
  readonly of: StepId | null;
}

export interface Plan {
  readonly workflow: string;
  /** The main steps. */
  readonly steps: readonly PlannedStep[];
  readonly edges: readonly ListedEdge[];
  readonly waves: readonly (readonly StepId[])[];
  readonly criticalPath: readonly StepId[];
  /** All steps one after the other. */
  readonly totalMs: number;
  readonly criticalPathMs: number;
  readonly workers: number;
  /** Elapsed time with that many workers, if every estimate comes true. */
  readonly makespanMs: number;
  /** `totalMs / makespanMs`; never above `speedupLimit` nor above `workers`. */
  readonly speedup: number;
  /** `totalMs / criticalPathMs`: what no number of workers exceeds. */
  readonly speedupLimit: number;
  readonly later: readonly LaterStep[];
  readonly bounds: Bounds;
}

export function plan(workflow: CompiledWorkflow, { workers, history }: PlanOptions): Plan {
  const steps = mainSteps(workflow.steps);
  const order = computeOrder(steps);
  const spreads = steps.map((step) => computeSpread(history?.get(step.id)));
  const durationsMs = computeEstimates(steps, spreads);
  const timeline = computeTimeline(steps, order, durationsMs);
  const used = Math.max(1, Math.min(Math.floor(workers), workflow.concurrency ?? workers));
  const { makespanMs } = computeSchedule({
    steps,
    durationsMs,
    remainingMs: timeline.remainingMs,
    workers: used,
    priority: workflow.priority,
  });
  return {
    workflow: workflow.name,
    steps: steps.map((step) => toPlannedStep(steps, step, { order, timeline, durationsMs, spread: at(spreads, step.index) })),
    edges: listEdges({ steps }),
    waves: order.waves.map((wave) => wave.map((index) => idAt(steps, index))),
    criticalPath: timeline.criticalPath.map((index) => idAt(steps, index)),
    totalMs: timeline.totalMs,
    criticalPathMs: timeline.criticalPathMs,
    workers: used,
    makespanMs,
    speedup: computeSpeedup(timeline.totalMs, makespanMs),
    speedupLimit: computeSpeedup(timeline.totalMs, timeline.criticalPathMs),
    later: workflow.steps.flatMap((step) => toLaterStep(step, workflow.steps)),
    bounds: computeBounds(workflow, used),
  };
}

function toLaterStep({ id, phase }: CompiledStep, steps: readonly CompiledStep[]): LaterStep[] {
  if (phase.kind === "main") return [];
  return [{ id, phase: phase.kind, of: phase.kind === "finally" ? null : idAt(steps, phase.of) }];
}

interface Computed {
  readonly order: Order;
  readonly timeline: Timeline;
  readonly durationsMs: Float64Array;
  readonly spread: Spread | null;
}

function toPlannedStep(
  steps: readonly CompiledStep[],
  step: CompiledStep,
  { order, timeline, durationsMs, spread }: Computed,
): PlannedStep {
  const slackMs = at(timeline.slackMs, step.index);
  return {
    id: step.id,
    needs: step.needs.map(({ from }) => idAt(steps, from)),
    wave: at(order.waveOf, step.index),
    critical: slackMs === 0,
    slackMs,
    estimateMs: at(durationsMs, step.index),
    ...spread,
  };
}
