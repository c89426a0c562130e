/** How long each step is expected to take: what its author says, else its median from history, else one second. */
import type { Spread } from "./quantile.ts";
import type { CompiledStep } from "./workflow.ts";

/** Taken when nothing is known. With all steps equal, the critical path is the longest chain. */
const ESTIMATE_MS_DEFAULT = 1_000;

/** Whole milliseconds by step index, so that sums along different paths compare exactly. */
export function computeEstimates(steps: readonly CompiledStep[], spreads: readonly (Spread | null)[]): Float64Array {
  return Float64Array.from(steps, (step, index) => Math.round(step.cost.durationMs ?? spreads[index]?.p50Ms ?? ESTIMATE_MS_DEFAULT));
}
