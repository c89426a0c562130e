/** Lets the items of a fanned-out step go, a window at a time, and settles the step when all of them have ended. */
import type { TaskFailure } from "../core/failure.ts";
import type { CompiledStep } from "../plan/workflow.ts";
import { caughtBy } from "./caught.ts";
import type { Draft } from "./draft.ts";
import { type Fan, fanOf, stepAt, windowOf } from "./roster.ts";
import { isFinalStep } from "./snapshot.ts";

/** Settling one may fan out nothing further: items have no items. */
export function advanceFans(draft: Draft): void {
  for (const of of draft.fanned) {
    draft.fanned.delete(of);
    const step = draft.workflow.steps[of];
    if (step === undefined || draft.slot(of).state !== "running.fanned") continue;
    if (isLost(draft, step)) cancelItems(draft, of);
    else admit(draft, step);
    const fan = fanOf(draft, of);
    if (fan?.open === 0) join(draft, step, fan);
  }
}

/** One item has failed, and the author wants no more of them. */
function isLost(draft: Draft, step: CompiledStep): boolean {
  return step.fanOut?.onItemError === "fail" && (fanOf(draft, step.index)?.failed ?? 0) > 0;
}

function admit(draft: Draft, step: CompiledStep): void {
  const window = windowOf(step);
  for (let fan = fanOf(draft, step.index); fan !== undefined; fan = fanOf(draft, step.index)) {
    const count = fan.of.keys.length;
    const isUnderWay = fan.next - (count - fan.open);
    const item = fan.next < count && isUnderWay < window ? stepAt(draft, fan.of.base + fan.next) : undefined;
    if (item === undefined) return;
    draft.moveStep(item, { type: "step.ready", at: draft.at });
  }
}

function cancelItems(draft: Draft, of: number): void {
  const items = fanOf(draft, of)?.of;
  for (let position = 0; position < (items?.keys.length ?? 0); position++) {
    const item = stepAt(draft, (items?.base ?? 0) + position);
    if (item === undefined) continue;
    const { state, actor } = draft.slot(item.index);
    if (isFinalStep(state) || actor.context.stopping === "cancel") continue;
    draft.moveStep(item, { type: "step.cancel", at: draft.at });
  }
}

function join(draft: Draft, step: CompiledStep, fan: Fan): void {
  const failure = step.fanOut?.onItemError === "collect" || fan.failed === 0 ? null : failureOf(draft, fan);
  const caught = failure === null ? null : caughtBy(draft, step, failure);
  draft.moveStep(step, { type: "step.joined", at: draft.at, failed: fan.failed, failure, ...(caught !== null && { caught }) });
}

/** The first failure speaks for all, under the name of its item. */
function failureOf(draft: Draft, fan: Fan): TaskFailure {
  const first = draft.slot(fan.firstFailed).actor.context.failure;
  const key = fan.of.keys[fan.firstFailed - fan.of.base] ?? "";
  const count = fan.of.keys.length;
  const title = `${fan.failed} of ${count} items failed`;
  return { class: first?.class ?? "permanent", code: "ITEM_FAILED", title, detail: `Item ${key}: ${first?.title ?? "it failed"}` };
}
