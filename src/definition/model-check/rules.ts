/** Rules that look at every way in which a run can go (`run-model.ts`). */
import { referencesOf } from "../../expression/references.ts";
import { computeOrder } from "../../plan/order.ts";
import { findUnreachable } from "../../plan/reach.ts";
import type { CompiledStep, CompiledWorkflow } from "../../plan/workflow.ts";
import { type Found, fieldAt, type LintRule, type Subject } from "../lint/rule.ts";
import { exploreRun } from "./run-model.ts";
import type { Move, Stop } from "./step-model.ts";

type Moves = ReadonlyMap<number, readonly Move[]>;

/** Both rules ask about the same runs. */
const explored = new WeakMap<CompiledWorkflow, Moves | null>();

function movesIn(workflow: CompiledWorkflow): Moves | null {
  let moves = explored.get(workflow);
  if (moves === undefined) {
    moves = exploreRun(workflow.steps);
    explored.set(workflow, moves);
  }
  return moves;
}

const WHY: Readonly<Record<Stop, string>> = {
  handler: "no failure is ever handed to it",
  needs: "however the steps before it end, its `join` is not met",
  switch: "the `switch` before it always leads elsewhere",
  when: "its condition is false whenever it is looked at",
};

const STOPS: readonly Stop[] = ["handler", "needs", "switch", "when"];

const neverRuns: LintRule = {
  code: "LINT_NEVER_RUNS",
  severity: "warning",
  family: "logic",
  what: "a step that no run can reach, whatever becomes of the others",
  why: "All ways in which the steps before it can end have been gone through: in none of them does it begin.",
  fix: "Change its `join`, its condition, or what it needs.",
  bad: "input: { live: { type: boolean } }\nsteps:\n  - { id: a, run: ./a, timeout: 1m, when: input.live }\n  - { id: b, run: ./b, timeout: 1m, when: NOT input.live }\n  - { id: c, run: ./c, timeout: 1m, needs: [a, b] }\n",
  good: "input: { live: { type: boolean } }\nsteps:\n  - { id: a, run: ./a, timeout: 1m, when: input.live }\n  - { id: b, run: ./b, timeout: 1m, when: NOT input.live }\n  - { id: c, run: ./c, timeout: 1m, needs: [a, b], join: none_failed }\n",
  *find(subject) {
    const dead = deadSteps(subject);
    for (const [index, stops] of dead) {
      const step = subject.workflow.steps[index];
      const draft = subject.drafts[index];
      // One behind a dead one is told at that; one without references, and one behind two branches, by rules of their own.
      if (step === undefined || draft === undefined || step.needs.some(({ from }) => dead.has(from)) || isTold(step, subject)) continue;
      const why = STOPS.filter((stop) => stops.has(stop))
        .map((stop) => WHY[stop])
        .join(", or ");
      yield {
        at: fieldAt(draft, stops.has("when") ? "when" : stops.has("needs") ? "needs" : "id"),
        message: `\`${step.id}\` never runs: ${why}.`,
      };
    }
  },
};

function isTold({ index, when }: CompiledStep, { workflow }: Subject): boolean {
  if (when !== null && referencesOf(when.expression).length === 0) return true;
  return findUnreachable(workflow).some(({ step, because }) => step === index && because.kind === "branches");
}

/** Steps that never begin, with what stops them. Steps behind a dead one come later in the order. */
function deadSteps({ workflow }: Subject): Map<number, Set<Stop>> {
  const dead = new Map<number, Set<Stop>>();
  const moves = movesIn(workflow);
  if (moves === null) return dead;
  for (const index of computeOrder(workflow.steps).order) {
    const found = moves.get(index) ?? [];
    if (found.length > 0 && found.every(({ stop }) => stop !== null)) dead.set(index, new Set(found.flatMap(({ stop }) => stop ?? [])));
  }
  return dead;
}

const deadCondition: LintRule = {
  code: "LINT_DEAD_CONDITION",
  severity: "warning",
  family: "logic",
  what: "a `when` that has the same answer whenever it is looked at",
  why: "The step's `join`, or a condition before it, has decided the matter already, so this one decides nothing.",
  fix: "Remove it, or look at another `join`: `all_done` runs behind failures, too.",
  bad: "steps:\n  - { id: a, run: ./a, timeout: 1m }\n  - { id: b, run: ./b, timeout: 1m, needs: a, when: steps.a.status == 'succeeded' }\n",
  good: "steps:\n  - { id: a, run: ./a, timeout: 1m }\n  - { id: b, run: ./b, timeout: 1m, needs: a, join: all_done, when: steps.a.status == 'failed' }\n",
  *find(subject) {
    const moves = movesIn(subject.workflow);
    for (const step of subject.workflow.steps) yield* sameAnswer(step, subject, moves?.get(step.index) ?? []);
  },
};

function* sameAnswer(step: CompiledStep, { drafts }: Subject, moves: readonly Move[]): Generator<Found> {
  const draft = drafts[step.index];
  if (step.when === null || step.when.expression.kind === "literal" || draft === undefined) return;
  const answers = new Set(moves.flatMap(({ condition }) => condition ?? []));
  // One that is always false keeps the step from ever running, which is told as that.
  if (answers.size === 1 && answers.has(true))
    yield { at: fieldAt(draft, "when"), message: `The condition of \`${step.id}\` is true whenever it is looked at.` };
}

export const MODEL_RULES: readonly LintRule[] = [neverRuns, deadCondition];
