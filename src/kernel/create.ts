/** The first decision on a run: it exists, it starts, takes over what an earlier run gave it, and its first steps get ready. */
import type { JsonObject } from "../core/json.ts";
import type { RunStart } from "./cause.ts";
import type { Draft } from "./draft.ts";
import { isClosingStep } from "./phases.ts";
import { timerId } from "./timer-id.ts";

export function create(draft: Draft, start: RunStart): void {
  const { workflow, at } = draft;
  draft.create({ start: start as unknown as JsonObject, stepsTotal: workflow.steps.length }); // RunStart holds nothing but JSON.
  draft.moveRun({ type: "run.start", at, ...runLimit(draft) });
  carry(draft, start);
  for (const step of workflow.steps)
    if (step.needs.length === 0 && !isClosingStep(step)) draft.ripe.push({ index: step.index, because: "needs" });
}

/** The run's time limit from now on, as the statechart's `after` and the host's timer take it; nothing where it has none. */
export function runLimit({ workflow, at }: Draft): { readonly delayMs?: number; readonly dueAt?: number; readonly timer?: string } {
  const limit = workflow.timeoutMs;
  return limit === null ? {} : { delayMs: limit, dueAt: at + limit, timer: timerId({ actor: "run", kind: "limit", attempt: 0 }) };
}

/** Results of an earlier run become results of this one, by the way that a step without an attempt takes. */
function carry(draft: Draft, start: RunStart): void {
  const { workflow, at } = draft;
  for (const { step: id, state, output, reason, attempt } of start.carried) {
    const step = workflow.steps[workflow.indexOf.get(id) ?? -1];
    if (step === undefined || draft.slot(step.index).state !== "pending.blocked") continue;
    if (state === "skipped") {
      // A handler that nobody needed must not hold up those that wait for it.
      const kind = step.phase.kind === "handler" ? "handler" : "carried";
      draft.moveStep(step, { type: "step.skip", at, reason: { kind, text: reason ?? "it was skipped in the run before" } });
      continue;
    }
    draft.moveStep(step, { type: "step.carry", at, attempt, from: start.parent?.runId ?? "" });
    draft.moveStep(step, { type: "attempt.succeeded", at, attempt, outcome: { kind: "succeeded", output }, usage: null });
  }
}
