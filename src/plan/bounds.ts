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
 * - B5 The run's own time-out ends it, after the longest grace. Compensations and `finally` follow even then.
 * - B6 The items of a fan-out are steps of their own, at most `max_parallel` at once. Where their number is only known later, attempts
 *   and cost count one of them, and the duration has no bound but B5.
 * - B7 Handlers, compensations and `finally` count as if each of them ran; the last two one after the other.
 *
 * Not in it: queueing behind other runs, crashes of the engine, and a server that asks to wait longer (`Retry-After`) than the
 * policy's cap; B5 holds even then.
 */
import type { StepId } from "../core/ids.ts";
import { at } from "./at.ts";
import type { Field } from "./field.ts";
import { computeOrder } from "./order.ts";
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
  /** Fan-outs over items whose number is not known yet: attempts and cost count one item of each (B6). */
  readonly perItem: readonly StepId[];
}

/** How many times a step is done; null where a run only tells. An exclusion may leave out some. */
export function countItems({ fanOut }: CompiledStep): number | null {
  if (fanOut === null) return 1;
  if (fanOut.over.kind === "list") return lengthOf(fanOut.over.items);
  let product = 1;
  for (const axis of Object.values(fanOut.over.axes)) {
    const length = lengthOf(axis);
    if (length === null) return null;
    product *= length;
  }
  return (Object.keys(fanOut.over.axes).length === 0 ? 0 : product) + fanOut.over.include.length;
}

function lengthOf(field: Field): number | null {
  if (field.kind === "list") return field.items.length;
  if (field.kind === "map") return Object.keys(field.entries).length;
  return field.kind === "literal" && typeof field.value === "object" && field.value !== null ? Object.keys(field.value).length : null;
}

/** Attempts of one step, or of one item, at worst, crashes of the engine not counted (I-18). */
export function worstAttempts({ retry }: CompiledStep): number {
  return 1 + (canRetry(retry) ? retry.max : 0);
}

/** Milliseconds of one step, or of one item, at worst (B1); infinite without a time-out. */
export function worstDurationMs(step: CompiledStep): number {
  if (step.timeout === null) return Number.POSITIVE_INFINITY;
  const delaysMs = canRetry(step.retry) ? worstRetryDelaysMs(step.retry) : 0;
  return worstAttempts(step) * (step.timeout.afterMs + step.timeout.graceMs) + delaysMs;
}

export function computeBounds(workflow: CompiledWorkflow, workers: number): Bounds {
  const { steps } = workflow;
  const perItem = steps.filter((step) => countItems(step) === null);
  const endless = steps.filter((step) => step.timeout === null || countItems(step) === null);
  const dear = steps.filter(costsAnySum);
  const worstMs = Math.ceil(Math.min(worstOfFirst(steps.filter(isEarly), workers), runTimeoutMs(workflow)) + worstOfRest(steps));
  return {
    durationMs: Number.isFinite(worstMs) ? worstMs : null,
    attempts: sum(steps, (step) => worstAttempts(step) * (countItems(step) ?? 1)),
    costUsd: dear.length > 0 ? null : sum(steps, (step) => worstAttempts(step) * (countItems(step) ?? 1) * (step.cost.usd ?? 0)),
    unbounded: { duration: Number.isFinite(worstMs) ? [] : endless.map((step) => step.id), cost: dear.map((step) => step.id) },
    perItem: perItem.map((step) => step.id),
  };
}

/** Main steps and handlers run side by side, and stand first. */
function isEarly({ phase }: CompiledStep): boolean {
  return phase.kind === "main" || phase.kind === "handler";
}

/** B7 */
function worstOfRest(steps: readonly CompiledStep[]): number {
  return sum(steps, (step) => (isEarly(step) ? 0 : worstWorkMs(step)));
}

/** Of all items together; infinite without a time-out, or without a number. */
function worstWorkMs(step: CompiledStep): number {
  return worstDurationMs(step) * (countItems(step) ?? Number.POSITIVE_INFINITY);
}

/** From the first item to the last, if no other step held them back (B6). */
function worstSpanMs(step: CompiledStep): number {
  const items = countItems(step) ?? Number.POSITIVE_INFINITY;
  return worstDurationMs(step) * Math.ceil(items / atOnce(step, items));
}

function atOnce({ fanOut, locks, touches, isolation }: CompiledStep, items: number): number {
  const shares = locks.length > 0 || (touches.length > 0 && isolation === null);
  return Math.max(1, shares ? 1 : Math.min(items, fanOut?.maxParallel ?? items));
}

/** An agent spends money, and without a declared sum nothing says how much; other types are free unless they say otherwise. */
function costsAnySum(step: CompiledStep): boolean {
  return step.type === "agent" && step.cost.usd === null;
}

function canRetry({ on, exitCodes, statuses, match }: RetryPolicy): boolean {
  return on.length + exitCodes.length + statuses.length > 0 || match !== null;
}

/** B2 to B4; infinite unless all of them have a limit. */
function worstOfFirst(steps: readonly CompiledStep[], workers: number): number {
  if (steps.some((step) => step.timeout === null || countItems(step) === null)) return Number.POSITIVE_INFINITY;
  const totalMs = sum(steps, worstWorkMs);
  const chainMs = longestChainMs(steps, Float64Array.from(steps, worstSpanMs));
  const excludedMs = sum(steps, (step) => (step.conflicts.length > 0 ? worstWorkMs(step) : 0));
  const actors = sum(steps, (step) => atOnce(step, countItems(step) ?? 1));
  const greedyMs = workers >= actors ? chainMs : totalMs / workers + chainMs * (1 - 1 / workers);
  return Math.min(totalMs, greedyMs + excludedMs);
}

function longestChainMs(steps: readonly CompiledStep[], worstMs: Float64Array): number {
  const endMs = new Float64Array(steps.length);
  let longest = 0;
  for (const index of computeOrder(steps).order) {
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
