/**
 * Steps that can never run, and steps whose work nobody uses. Both are findings for the author, found without evaluating
 * anything; what is not certain is not reported.
 */
import { at } from "./at.ts";
import { computeOrder } from "./order.ts";
import type { CompiledStep, CompiledWorkflow } from "./workflow.ts";

export type UnreachableReason =
  /** Its `when` is the literal `false`. */
  | { readonly kind: "condition" }
  /** It waits for the success of a step that never runs. */
  | { readonly kind: "needs"; readonly step: number }
  /** It waits for the success of two steps of which one `switch` runs at most one. */
  | { readonly kind: "branches"; readonly router: number; readonly steps: readonly [number, number] };

export interface Unreachable {
  readonly step: number;
  readonly because: UnreachableReason;
}

/** By the index of a `switch`: the case it must have chosen for a step to run. */
type Choices = ReadonlyMap<number, number>;

const NO_CHOICES: Choices = new Map();
/** Beyond this many, choices further back are forgotten: fewer findings, but linear time. */
const CHOICES_MAX = 64;

/** Steps that cannot run whatever the input, in the order of the file. */
export function findUnreachable({ steps }: CompiledWorkflow): Unreachable[] {
  const found = new Map<number, UnreachableReason>();
  const choices: Choices[] = [];
  for (const index of computeOrder(steps).order) {
    const step = at(steps, index);
    const gathered = gatherChoices(step, choices);
    choices[index] = isClash(gathered) ? NO_CHOICES : gathered;
    const because = falseCondition(step) ?? deadNeed(step, found) ?? (isClash(gathered) ? gathered : null);
    if (because !== null) found.set(index, because);
  }
  return [...found].map(([step, because]) => ({ step, because })).sort((left, right) => left.step - right.step);
}

function falseCondition({ when }: CompiledStep): UnreachableReason | null {
  return when?.expression.kind === "literal" && when.expression.value === false ? { kind: "condition" } : null;
}

/** `all_done` and `none_failed` start behind a skipped step too. */
function deadNeed({ needs, join }: CompiledStep, found: ReadonlyMap<number, unknown>): UnreachableReason | null {
  const dead = needs.find(({ from }) => found.has(from));
  if (dead === undefined) return null;
  const stops = join === "all_success" || (join === "any_success" && needs.every(({ from }) => found.has(from)));
  return stops ? { kind: "needs", step: dead.from } : null;
}

/**
 * What every switch before a step must have chosen for it to run, or the clash between two such choices. Each `switch` that leads
 * to a step must choose it. Only the default join makes certain that they, and the steps it needs, have succeeded.
 */
function gatherChoices({ index, join, needs, routedBy }: CompiledStep, choices: readonly Choices[]): Choices | UnreachableReason {
  if (join !== "all_success") return NO_CHOICES;
  const inherited = needs.map(({ from }) => at(choices, from)).filter((some) => some.size > 0);
  if (routedBy.length === 0 && inherited.length <= 1) return inherited[0] ?? NO_CHOICES;
  const merged = new Map(routedBy.map((router) => [router, index]));
  for (const [asked, target] of inherited.flatMap((some) => [...some])) {
    const known = merged.get(asked) ?? target;
    if (known !== target) return { kind: "branches", router: asked, steps: [Math.min(known, target), Math.max(known, target)] };
    if (merged.size < CHOICES_MAX) merged.set(asked, target);
  }
  return merged;
}

function isClash(gathered: Choices | UnreachableReason): gathered is UnreachableReason {
  return "kind" in gathered;
}

/** Step types whose outcome is their purpose: they hold the run up or make it fail. */
const JUDGES: ReadonlySet<string> = new Set(["assert", "approval", "wait"]);

/**
 * Steps whose work goes nowhere, in the order of the file: nothing depends on them but other unused steps, the run's output does
 * not mention them, they are declared free of side effects, and they judge nothing. Without an `output` the last steps are the
 * result, so then every step is used.
 *
 * @param outputNeeds indices of the steps that the run's output refers to.
 */
export function findUnused({ steps, output }: CompiledWorkflow, outputNeeds: Iterable<number>): number[] {
  if (output === null) return [];
  const used = new Uint8Array(steps.length);
  const open = [...outputNeeds, ...steps.filter(hasEffect).map((step) => step.index)];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (used[index] === 1) continue;
    used[index] = 1;
    for (const { from } of at(steps, index).needs) open.push(from);
  }
  return steps.filter((step) => used[step.index] === 0).map((step) => step.index);
}

function hasEffect({ sideEffect, type }: CompiledStep): boolean {
  return sideEffect !== "none" || JUDGES.has(type);
}
