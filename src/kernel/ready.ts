/** Decides what becomes of a step whose needs have ended: it gets ready, is skipped, fails on its condition, or waits for a lock. */
import type { SkipReason } from "../../actors/step/step.events.ts";
import { isTroupeError, toError } from "../core/errors.ts";
import type { TaskFailure } from "../core/failure.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import { evaluateCondition } from "../expression/evaluate.ts";
import { traceCondition } from "../expression/trace.ts";
import type { CompiledStep } from "../plan/workflow.ts";
import type { Draft, Ripe } from "./draft.ts";
import { advanceFans } from "./fan-out.ts";
import { stepAt } from "./roster.ts";
import { runScope } from "./scope.ts";
import { isFinalStep, isHolding, type StepSlot } from "./snapshot.ts";

type Readiness =
  | { readonly kind: "ready" }
  | { readonly kind: "blocked" }
  | { readonly kind: "skip"; readonly reason: SkipReason }
  | { readonly kind: "invalid"; readonly failure: TaskFailure };

/** Moves every ripe step on; a skipped one may ripen others, and an item that ends may end its fan-out, so this goes on until none is left. */
export function advance(draft: Draft): void {
  const holders: number[] = [];
  if (draft.fanned.size > 0) advanceFans(draft);
  for (let position = 0; position < draft.ripe.length; position++) {
    const { index, because } = draft.ripe[position] as Ripe; // In range.
    const step = stepAt(draft, index);
    if (step === undefined || draft.slot(step.index).state !== "pending.blocked") continue;
    const readiness = readinessOf(draft, step, because, holders);
    const { at } = draft;
    switch (readiness.kind) {
      case "ready":
        draft.moveStep(step, { type: "step.ready", at });
        break;
      case "skip":
        draft.moveStep(step, { type: "step.skip", at, reason: readiness.reason });
        break;
      case "invalid":
        draft.moveStep(step, { type: "step.admit", at, attempt: 0 });
        draft.moveStep(step, { type: "step.fail", at, failure: readiness.failure });
        break;
      case "blocked":
        break;
    }
    if (draft.fanned.size > 0) advanceFans(draft);
  }
}

function readinessOf(draft: Draft, step: CompiledStep, because: Ripe["because"], holders: number[]): Readiness {
  const caught = handlingOf(draft, step);
  if (caught.kind !== "ready") return caught;
  const joined = joinOf(draft, step);
  if (joined.kind !== "ready") return joined;
  const routed = routeOf(draft, step);
  if (routed.kind !== "ready") return routed;
  // One that waits for a lock has passed its condition: a long queue does not evaluate all of them each time that one goes on (K4).
  if (because === "lock" && isLocked(draft, step, holders)) return { kind: "blocked" };
  const wanted = conditionOf(draft, step);
  if (wanted.kind !== "ready") return wanted;
  return isLocked(draft, step, holders) ? { kind: "blocked" } : wanted;
}

const HOLDERS_MAX = 8;

/** Steps that wait for one lock wait for the same holder, so those found before are asked first: a long queue costs one look a step (K4). */
function isLocked(draft: Draft, { conflicts }: CompiledStep, holders: number[]): boolean {
  if (conflicts.length === 0) return false;
  if (holders.some((index) => isHolding(draft.slot(index).state) && hasSorted(conflicts, index))) return true;
  const found = conflicts.find((index) => isHolding(draft.slot(index).state));
  if (found === undefined) return false;
  holders.unshift(found);
  holders.length = Math.min(holders.length, HOLDERS_MAX);
  return true;
}

function hasSorted(ascending: readonly number[], wanted: number): boolean {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? wanted) < wanted) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === wanted;
}

/** A handler runs when its rule has caught the failure it is for. */
function handlingOf(draft: Draft, { phase }: CompiledStep): Readiness {
  if (phase.kind !== "handler") return { kind: "ready" };
  const { state, actor } = draft.slot(phase.of);
  if (!isFinalStep(state)) return { kind: "blocked" };
  if (actor.context.caught === phase.rule) return { kind: "ready" };
  return skip("handler", `\`${draft.workflow.steps[phase.of]?.id ?? ""}\` had no failure for it`);
}

/** Needs that say nothing about this step: what a handler handles, and handlers that were not needed. */
function isNeutral({ phase }: CompiledStep, need: CompiledStep, { actor }: StepSlot): boolean {
  return (
    (phase.kind === "handler" && phase.of === need.index) || (need.phase.kind === "handler" && actor.context.skipped?.kind === "handler")
  );
}

function joinOf(draft: Draft, step: CompiledStep): Readiness {
  const { steps } = draft.workflow;
  const needs = step.needs
    .map(({ from }) => ({ need: steps[from], slot: draft.slot(from) }))
    .filter(({ need, slot }) => need === undefined || !isNeutral(step, need, slot));
  const { unmet } = draft.slot(step.index);
  if (step.join === "any_success") {
    if (needs.length === 0 || needs.some(({ slot }) => slot.state === "succeeded")) return { kind: "ready" };
    return unmet > 0 ? { kind: "blocked" } : skip("needs", "none of the steps it needs succeeded");
  }
  if (unmet > 0) return { kind: "blocked" };
  if (step.join === "all_done") return { kind: "ready" };
  const stopper = needs.find(({ need, slot }) => need !== undefined && !passes(step, need, slot));
  if (stopper?.need === undefined) return { kind: "ready" };
  return skip("needs", `it needs \`${stopper.need.id}\`, which ${wordFor(stopper.slot)}`);
}

/** A failed optional step counts as skipped for those who need it. */
function passes(step: CompiledStep, need: CompiledStep, { state }: StepSlot): boolean {
  if (state === "succeeded") return true;
  if (step.join === "all_success") return false;
  return state === "skipped" || (state === "failed" && need.optional);
}

function wordFor({ state }: StepSlot): string {
  return state === "failed" ? "failed" : `was ${state}`;
}

/** A `switch` that succeeded leads to the step it chose and away from the others it names. */
function routeOf(draft: Draft, step: CompiledStep): Readiness {
  for (const index of step.routedBy) {
    const { state, actor } = draft.slot(index);
    const { output } = actor.context;
    const chosen = isJsonObject(output) ? output.chosen : undefined;
    if (state !== "succeeded" || chosen === step.id) continue;
    const name = draft.workflow.steps[index]?.id ?? "";
    return skip("switch", typeof chosen === "string" ? `switch \`${name}\` chose \`${chosen}\`` : `switch \`${name}\` did not choose it`);
  }
  return { kind: "ready" };
}

function conditionOf(draft: Draft, step: CompiledStep): Readiness {
  if (step.when === null) return { kind: "ready" };
  const scope = runScope(draft, draft.load, { step });
  try {
    if (evaluateCondition(step.when.expression, scope)) return { kind: "ready" };
    const trace = traceCondition(step.when.expression, scope);
    return {
      kind: "skip",
      reason: { kind: "when", text: `its condition is false: ${step.when.source}`, trace: trace as unknown as JsonObject },
    };
  } catch (thrown) {
    const error = toError(thrown);
    // The author's mistakes fail the step; anything else is ours or the store's (K1).
    if (!isTroupeError(error) || error.kind !== "definition") throw error;
    const { fix } = error;
    return {
      kind: "invalid",
      failure: {
        class: "validation",
        code: error.code,
        title: "Its condition cannot be evaluated",
        detail: error.message,
        ...(fix !== undefined && { hint: fix }),
      },
    };
  }
}

function skip(kind: SkipReason["kind"], text: string): Readiness {
  return { kind: "skip", reason: { kind, text } };
}
