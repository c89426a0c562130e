/** What a number of workers makes of a workflow: a list schedule, as the dispatcher would run it if every estimate came true. */
import { at } from "./at.ts";
import { createHeap } from "./heap.ts";
import { type CompiledStep, PRIORITY_DEFAULT, type Priority } from "./workflow.ts";

export interface Schedule {
  /** By step index; milliseconds from the start of the run. */
  readonly startMs: Float64Array;
  readonly finishMs: Float64Array;
  /** End of the last step. */
  readonly makespanMs: number;
}

export interface ScheduleInput {
  readonly steps: readonly CompiledStep[];
  readonly durationsMs: Float64Array;
  /** Longest chain from each step on; of equally urgent steps the one with more behind it goes first. */
  readonly remainingMs: Float64Array;
  /** At least 1. */
  readonly workers: number;
  /** Of steps that say nothing. @defaultValue 3 */
  readonly priority?: Priority;
}

/**
 * A step starts when all it needs has ended, a worker is free and no conflicting step runs. First by priority, then by the
 * longest remaining chain, then by the order of the file. No worker idles while a step could start, so that the bound in
 * `bounds.ts` holds.
 */
export function computeSchedule({ steps, durationsMs, remainingMs, workers, priority = PRIORITY_DEFAULT }: ScheduleInput): Schedule {
  const startMs = new Float64Array(steps.length);
  const finishMs = new Float64Array(steps.length);
  const missing = Int32Array.from(steps, (step) => step.needs.length);
  /** Running steps that conflict with this one. */
  const opponents = new Int32Array(steps.length);
  const parked = new Uint8Array(steps.length);
  const ready = createHeap((left, right) => comesFirst(at(steps, left), at(steps, right), remainingMs, priority));
  const running = createHeap((left, right) => at(finishMs, left) < at(finishMs, right));

  const start = (index: number, nowMs: number): void => {
    startMs[index] = nowMs;
    finishMs[index] = nowMs + at(durationsMs, index);
    running.add(index);
    for (const other of at(steps, index).conflicts) opponents[other] = at(opponents, other) + 1;
  };
  const finish = (index: number): void => {
    for (const other of at(steps, index).conflicts) {
      opponents[other] = at(opponents, other) - 1;
      if (opponents[other] !== 0 || parked[other] === 0) continue;
      parked[other] = 0;
      ready.add(other);
    }
    for (const dependent of at(steps, index).dependents) {
      missing[dependent] = at(missing, dependent) - 1;
      if (missing[dependent] === 0) ready.add(dependent);
    }
  };

  for (const step of steps) if (step.needs.length === 0) ready.add(step.index);
  for (let nowMs = 0; ; ) {
    while (running.size < workers && ready.size > 0) {
      const index = ready.take() as number;
      if (opponents[index] === 0) start(index, nowMs);
      else parked[index] = 1;
    }
    const next = running.peek();
    if (next === undefined) return { startMs, finishMs, makespanMs: nowMs };
    nowMs = at(finishMs, next);
    // All that end now make room before anything new starts, or an urgent step could lose its place to a lesser one.
    while (running.size > 0 && at(finishMs, running.peek() as number) === nowMs) finish(running.take() as number);
  }
}

/** @returns how many times faster than one after the other; 1 where nothing takes time. */
export function computeSpeedup(totalMs: number, elapsedMs: number): number {
  return elapsedMs === 0 ? 1 : totalMs / elapsedMs;
}

function comesFirst(left: CompiledStep, right: CompiledStep, remainingMs: Float64Array, priority: Priority): boolean {
  const urgency = (left.priority ?? priority) - (right.priority ?? priority);
  if (urgency !== 0) return urgency < 0;
  const more = at(remainingMs, left.index) - at(remainingMs, right.index);
  return more === 0 ? left.index < right.index : more > 0;
}
