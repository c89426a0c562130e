/** A workflow as its plan sees it: the main steps, without those that run only when something fails or at the very end. */
import type { CompiledStep } from "./workflow.ts";

const seen = new WeakMap<readonly CompiledStep[], readonly CompiledStep[]>();

/**
 * The main steps, their edges among themselves. They stand first, so an index means the same step as in the workflow. The same list
 * comes back where there are no others.
 */
export function mainSteps(steps: readonly CompiledStep[]): readonly CompiledStep[] {
  const known = seen.get(steps);
  if (known !== undefined) return known;
  const count = steps.findIndex(({ phase }) => phase.kind !== "main");
  const main = count < 0 ? steps : steps.slice(0, count).map((step) => amongFirst(step, count));
  seen.set(steps, main);
  return main;
}

function amongFirst(step: CompiledStep, count: number): CompiledStep {
  return {
    ...step,
    needs: step.needs.filter(({ from }) => from < count),
    dependents: step.dependents.filter((index) => index < count),
    conflicts: step.conflicts.filter((index) => index < count),
  };
}
