/** How far a run is and how long it will still take, from expected durations: the longest chain that is left, or the work over the workers. */

import { computeTimeline } from "../../plan/critical-path.ts";
import { mainSteps } from "../../plan/main-steps.ts";
import { computeOrder } from "../../plan/order.ts";
import type { CompiledWorkflow } from "../../plan/workflow.ts";
import { isAtRest } from "./live-model.ts";

export interface Forecast {
  /** Of the expected work. */
  readonly percent: number;
  /** Null where no duration is known from history or the author: a guess would only mislead. */
  readonly remainingMs: number | null;
}

export interface Expectation {
  readonly workflow: CompiledWorkflow;
  /** Milliseconds by step id, for every step. */
  readonly estimatesMs: ReadonlyMap<string, number>;
  /** Steps whose estimate is more than a default. */
  readonly known: ReadonlySet<string>;
  readonly workers: number;
}

/** A step as the events, the view or the rows of a run tell it. */
export interface ForecastStep {
  /** Dotted. */
  readonly state: string;
  /** When its latest attempt began; epoch milliseconds. */
  readonly startedAt: number | null;
}

/** @param told steps by id; one that is missing has not begun */
export function computeForecast(
  told: ReadonlyMap<string, ForecastStep>,
  { workflow, estimatesMs, known, workers }: Expectation,
  now: number,
): Forecast {
  // Nobody can expect what only a failure would bring; what ends every run is short.
  const steps = mainSteps(workflow.steps);
  const leftMs = Float64Array.from(steps, ({ id }) => leftOf(told.get(id), estimatesMs.get(id) ?? 0, known.has(id), now));
  let total = 0;
  for (const step of steps) total += estimatesMs.get(step.id) ?? 0;
  const left = leftMs.reduce((sum, ms) => sum + ms, 0);
  const open = steps.filter((step) => !isAtRest(told.get(step.id)?.state ?? ""));
  const percent = total === 0 ? 100 : Math.floor((100 * (total - left)) / total);
  const isKnown = open.every((step) => known.has(step.id));
  const chain = computeTimeline(steps, computeOrder(steps), leftMs).criticalPathMs;
  return {
    percent: open.length > 0 ? Math.min(99, percent) : 100,
    remainingMs: isKnown ? Math.max(chain, left / Math.max(1, workers)) : null,
  };
}

/** A step that nobody knows does some work and then all of it: to count its time against a default would run ahead of it. */
function leftOf(step: ForecastStep | undefined, estimateMs: number, isKnown: boolean, now: number): number {
  if (step === undefined) return estimateMs;
  if (isAtRest(step.state)) return 0;
  if (!isKnown || !step.state.startsWith("running.") || step.startedAt === null) return estimateMs;
  return Math.max(0, estimateMs - (now - step.startedAt));
}
