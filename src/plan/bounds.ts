/**
 * What a run can take at worst, known before it starts (X5): every step runs, every attempt fails at the end of its time-out and
 * its grace, every retry waits its longest delay.
 *
 * - B1 A time-out holds for one attempt. A step's worst duration is attempts × (time-out + grace) + all delays between them.
 * - B2 With as many workers as steps, the run's worst duration is the longest chain of worst durations.
 * - B3 With fewer, it is Graham's bound for schedules that leave no worker idle: total / N + longest chain × (1 − 1/N). It
 *   counts delays as work, which holds whether or not a waiting step keeps its worker.
 * - B4 Steps that exclude each other may idle a worker, at most for the sum of their worst durations: added to B3. One step after
 *   the other is never exceeded.
 * - B5 The run's own time-out ends it, after the longest grace.
 *
 * Not in it: queueing behind other runs, crashes of the engine, and a server that asks to wait longer (`Retry-After`) than the
 * policy's cap; B5 holds even then.
 */
import type { StepId } from "../core/ids.ts";
import { at } from "./at.ts";
import type { Order } from "./order.ts";
import { worstRetryDelaysMs } from "./retry-delay.ts";
import { type CompiledStep, type CompiledWorkflow, GRACE_MS_DEFAULT, type RetryPolicy } from "./workflow.ts";

export interface Bounds {
  /** Null where a step may run for ever. */
  readonly durationMs: number | null;
  readonly attempts: number;
  /** In US dollars; null where a step may cost any sum. */
  readonly costUsd: number | null;
  /** The steps that make a bound null. */
  readonly unbounded: { readonly duration: readonly StepId[]; readonly cost: readonly StepId[] };
}

/** Attempts of one step at worst, crashes of the engine not counted (I-18). */
export function worstAttempts({ retry }: CompiledStep): number {
  return 1 + (canRetry(retry) ? retry.max : 0);
}

/** Milliseconds of one step at worst (B1); infinite without a time-out. */
export function worstDurationMs(step: CompiledStep): number {
  if (step.timeout === null) return Number.POSITIVE_INFINITY;
  const delaysMs = canRetry(step.retry) ? worstRetryDelaysMs(step.retry) : 0;
  return worstAttempts(step) * (step.timeout.afterMs + step.timeout.graceMs) + delaysMs;
}

export function computeBounds(workflow: CompiledWorkflow, order: Order, workers: number): Bounds {
  const { steps } = workflow;
  const endless = steps.filter((step) => step.timeout === null);
  const dear = steps.filter(costsAnySum);
  const byStepsMs = endless.length > 0 ? Number.POSITIVE_INFINITY : worstOfSteps(steps, order, workers);
  const worstMs = Math.ceil(Math.min(byStepsMs, runTimeoutMs(workflow)));
  return {
    durationMs: Number.isFinite(worstMs) ? worstMs : null,
    attempts: sum(steps, worstAttempts),
    costUsd: dear.length > 0 ? null : sum(steps, (step) => worstAttempts(step) * (step.cost.usd ?? 0)),
    unbounded: { duration: Number.isFinite(worstMs) ? [] : endless.map((step) => step.id), cost: dear.map((step) => step.id) },
  };
}

/** An agent spends money, and without a declared sum nothing says how much; other types are free unless they say otherwise. */
function costsAnySum(step: CompiledStep): boolean {
  return step.type === "agent" && step.cost.usd === null;
}

function canRetry({ on, exitCodes, statuses, match }: RetryPolicy): boolean {
  return on.length + exitCodes.length + statuses.length > 0 || match !== null;
}

/** B2 to B4, for steps that all have a time-out. */
function worstOfSteps(steps: readonly CompiledStep[], order: Order, workers: number): number {
  const worstMs = Float64Array.from(steps, worstDurationMs);
  const totalMs = worstMs.reduce((total, durationMs) => total + durationMs, 0);
  const chainMs = longestChainMs(steps, order, worstMs);
  const excludedMs = sum(steps, (step) => (step.conflicts.length > 0 ? at(worstMs, step.index) : 0));
  const greedyMs = workers >= steps.length ? chainMs : totalMs / workers + chainMs * (1 - 1 / workers);
  return Math.min(totalMs, greedyMs + excludedMs);
}

function longestChainMs(steps: readonly CompiledStep[], { order }: Order, worstMs: Float64Array): number {
  const endMs = new Float64Array(steps.length);
  let longest = 0;
  for (const index of order) {
    let start = 0;
    for (const { from } of at(steps, index).needs) start = Math.max(start, at(endMs, from));
    endMs[index] = start + at(worstMs, index);
    longest = Math.max(longest, at(endMs, index));
  }
  return longest;
}

/** B5; infinite without a limit. */
function runTimeoutMs({ timeoutMs, steps }: CompiledWorkflow): number {
  if (timeoutMs === null) return Number.POSITIVE_INFINITY;
  return timeoutMs + steps.reduce((longest, step) => Math.max(longest, step.timeout?.graceMs ?? GRACE_MS_DEFAULT), 0);
}

function sum(steps: readonly CompiledStep[], amount: (step: CompiledStep) => number): number {
  return steps.reduce((total, step) => total + amount(step), 0);
}
