/** When each step can begin at the earliest, if there are workers enough. */
import type { PlanStep } from "../../../src/contract/plan-view.ts";

/** @param steps of a plan: their needs lie in earlier waves */
export function earliestStarts(steps: readonly PlanStep[]): ReadonlyMap<string, number> {
  const ends = new Map<string, number>();
  const starts = new Map<string, number>();
  for (const { id, needs, estimateMs } of steps.toSorted((left, right) => left.wave - right.wave)) {
    const start = Math.max(0, ...needs.map((need) => ends.get(need) ?? 0));
    starts.set(id, start);
    ends.set(id, start + estimateMs);
  }
  return starts;
}
