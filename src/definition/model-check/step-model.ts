/** One step as the model sees it: whether it begins, and every way in which it can end. */
import type { CompiledStep } from "../../plan/workflow.ts";
import { atomsOf, holds } from "./condition-model.ts";
import type { Atoms, Ended, World } from "./world.ts";

/** Why a step did not begin. */
export type Stop = "handler" | "needs" | "switch" | "when";

export interface Move {
  readonly ended: Ended;
  readonly atoms: Atoms;
  /** Null where the step began. */
  readonly stop: Stop | null;
  /** What its condition was, where it was looked at. */
  readonly condition: boolean | null;
}

const SKIPPED: Ended = { as: "skipped" };

/** Every way in which a step can go on when all that it needs has ended. */
export function movesOf(step: CompiledStep, world: World): Move[] {
  const stop = stopOf(step, world);
  if (stop !== null) return [{ ended: SKIPPED, atoms: world.atoms, stop, condition: null }];
  if (step.when === null) return endings(step, world.steps).map((ended) => ({ ended, atoms: world.atoms, stop: null, condition: null }));
  const { expression } = step.when;
  // It begins at the first success, while others still go on: what they are then is anybody's guess.
  if (step.join === "any_success") {
    const begun = endings(step, world.steps).map((ended): Move => ({ ended, atoms: world.atoms, stop: null, condition: null }));
    return [...begun, { ended: SKIPPED, atoms: world.atoms, stop: "when", condition: null }];
  }
  return atomsOf(expression, world).flatMap((atoms): Move[] => {
    const condition = holds(expression, { ...world, atoms });
    if (!condition) return [{ ended: SKIPPED, atoms, stop: "when", condition }];
    return endings(step, world.steps).map((ended) => ({ ended, atoms, stop: null, condition }));
  });
}

/** As `movesOf` for a step that nothing can keep from beginning. */
export function freeMoves(step: CompiledStep, { steps, atoms }: World): Move[] {
  return endings(step, steps).map((ended) => ({ ended, atoms, stop: null, condition: null }));
}

function stopOf(step: CompiledStep, { steps, ended }: World): Stop | null {
  const { phase } = step;
  if (phase.kind === "handler" && ended.get(phase.of)?.caught !== phase.rule) return "handler";
  const needs = step.needs.flatMap(({ from }) => {
    const need = steps[from];
    return need === undefined || isNeutral(step, need, ended.get(from)) ? [] : [{ need, as: ended.get(from)?.as ?? "skipped" }];
  });
  if (!isMet(step, needs)) return "needs";
  for (const router of step.routedBy) {
    const choice = ended.get(router);
    if (choice?.as === "succeeded" && choice.chose !== step.index) return "switch";
  }
  return null;
}

/** What a handler handles, and handlers that were not called, say nothing. */
function isNeutral({ phase }: CompiledStep, need: CompiledStep, ended: Ended | undefined): boolean {
  if (phase.kind === "handler" && phase.of === need.index) return true;
  return need.phase.kind === "handler" && ended?.as === "skipped";
}

function isMet({ join }: CompiledStep, needs: readonly { readonly need: CompiledStep; readonly as: Ended["as"] }[]): boolean {
  switch (join) {
    case "all_done":
      return true;
    case "any_success":
      return needs.length === 0 || needs.some(({ as }) => as === "succeeded");
    case "all_success":
      return needs.every(({ as }) => as === "succeeded");
    case "none_failed":
      return needs.every(({ need, as }) => as !== "failed" || need.optional);
  }
}

/** A step that has begun can succeed and fail, whatever it does, and a person may skip one that is quarantined. */
function endings(step: CompiledStep, steps: readonly CompiledStep[]): Ended[] {
  const rules = step.catches.flatMap(({ action }, rule): Ended[] => (action.kind === "handle" ? [{ as: "skipped", caught: rule }] : []));
  return [...successes(step, steps), { as: "failed" }, SKIPPED, ...rules];
}

function successes({ type, index }: CompiledStep, steps: readonly CompiledStep[]): Ended[] {
  const choices = steps.filter(({ routedBy }) => routedBy.includes(index)).map((step) => step.index);
  if (type !== "switch" && choices.length === 0) return [{ as: "succeeded" }];
  return [...choices, -1].map((chose) => ({ as: "succeeded", chose }));
}
