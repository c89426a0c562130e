/**
 * Which steps can see which. Phases run one after the other: the main steps with their handlers, then compensations, then `finally`.
 *
 * - P1 A step may need steps of its own group only: main steps each other, a handler those of its own list and any main step, a
 *   `finally` step other `finally` steps. A compensation needs none: the latest success is compensated first (I-26).
 * - P2 What a later phase reads of an earlier one makes no edge: that has ended, or never will.
 * - P3 Nothing reads a later phase.
 */
import type { StepPhase } from "../plan/step-policies.ts";

/** `edge`: reads it and waits for it. `free`: reads what there is of it. `hidden`: an error. */
export type Sight = "edge" | "free" | "hidden";

export function sightOf(reader: StepPhase, target: StepPhase): Sight {
  switch (target.kind) {
    case "main":
      return reader.kind === "main" || reader.kind === "handler" ? "edge" : "free";
    case "handler":
      if (reader.kind === "handler") return isSameGroup(reader, target) ? "edge" : "hidden";
      return reader.kind === "main" ? "hidden" : "free";
    case "compensation":
      return reader.kind === "finally" ? "free" : "hidden";
    case "finally":
      return reader.kind === "finally" ? "edge" : "hidden";
  }
}

/** Steps of one list: a `switch` chooses among them. */
export function isSameGroup(one: StepPhase, other: StepPhase): boolean {
  if (one.kind === "handler" && other.kind === "handler") return one.of === other.of && one.rule === other.rule;
  return one.kind === other.kind && one.kind !== "compensation";
}

export interface PhaseAdvice {
  readonly problem: string;
  readonly fix: string;
}

/** Why a step of another phase cannot be read. */
export function whyHidden(id: string, target: StepPhase): PhaseAdvice {
  switch (target.kind) {
    case "handler":
      return {
        problem: `\`${id}\` handles a failure: only the steps of the same \`do\` list can wait for it.`,
        fix: "Read the step that it handles, which counts as skipped then, or read it in a `finally` step.",
      };
    case "compensation":
      return {
        problem: `\`${id}\` runs after the main steps, when the run has failed or is canceled.`,
        fix: "Only `finally` steps can read it.",
      };
    default:
      return {
        problem: `\`${id}\` is a \`finally\` step: it runs when everything else has ended.`,
        fix: "Move it to `steps`, or what reads it to `finally`.",
      };
  }
}

/** Why a step cannot be waited for with `needs`, although it may be read. */
export function whyNotNeeded(id: string): PhaseAdvice {
  return {
    problem: `\`${id}\` has ended, or never will, when this step begins, so nothing can wait for it.`,
    fix: `Remove it from \`needs\`; \`steps.${id}.status\` tells what became of it.`,
  };
}

/** Why a `switch` cannot lead to a step. */
export function whyNotChosen(id: string): PhaseAdvice {
  return { problem: `A \`switch\` chooses among the steps of its own list, and \`${id}\` is in another.`, fix: "Move one of the two." };
}
