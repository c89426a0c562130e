/** Whether a step is sure to have an output when another one reads it (what can be said before a run). */
import { MAIN_PHASE } from "../plan/step-policies.ts";
import type { CompiledStep } from "../plan/workflow.ts";

export class OutputPresence {
  readonly #steps: readonly CompiledStep[];
  readonly #skippable = new Map<number, boolean>();

  constructor(steps: readonly CompiledStep[]) {
    this.#steps = steps;
  }

  /**
   * Null when it is there for sure.
   *
   * @param step the step that reads; null for the run's own output and environment
   */
  whyMissing(step: CompiledStep | null, target: CompiledStep, name: string): string | null {
    const { phase } = step ?? { phase: MAIN_PHASE };
    if (phase.kind === "handler" && phase.of === target.index) return `\`${name}\` has failed when this runs, so it has no output.`;
    if (phase.kind === "finally" && target.phase.kind !== "finally")
      return `\`${name}\` may not have succeeded when a \`finally\` step runs; then it has no output, and reading it is an error.`;
    if (phase.kind === "compensation")
      return this.#hasSucceededBefore(phase.of, target.index)
        ? null
        : `\`${name}\` may not have succeeded when this runs; then it has no output.`;
    if (!this.#isSkippable(target.index) || (step !== null && step.join === "all_success")) return null;
    return `\`${name}\` may be skipped; then it has no output, and reading it is an error.`;
  }

  /** Whether a step cannot have succeeded without another. */
  #hasSucceededBefore(index: number, other: number): boolean {
    const seen = new Set([index]);
    for (const one of seen) {
      const step = this.#steps[one];
      if (step?.join === "all_success") for (const { from } of step.needs) if (this.#steps[from]?.phase.kind === "main") seen.add(from);
    }
    return seen.has(other);
  }

  /** A step is skipped by its condition, a switch, or a step that it cannot do without. */
  #isSkippable(index: number): boolean {
    const known = this.#skippable.get(index);
    if (known !== undefined) return known;
    this.#skippable.set(index, false); // ends a circle, which is reported elsewhere
    const step = this.#steps[index];
    const isSkippable =
      step !== undefined &&
      (step.when !== null ||
        step.routedBy.length > 0 ||
        step.optional ||
        step.timeout?.then === "skip" ||
        step.phase.kind === "handler" ||
        step.catches.some(({ action }) => action.kind === "skip" || action.kind === "handle") ||
        (step.join === "all_success" && step.needs.some(({ from }) => this.#isNeed(from) && this.#isSkippable(from))));
    this.#skippable.set(index, isSkippable);
    return isSkippable;
  }

  /** Handlers that were not called say nothing about who waits for them. */
  #isNeed(from: number): boolean {
    return this.#steps[from]?.phase.kind !== "handler";
  }
}
