/** What each box of the graph shows: its step, and of a fan-out how far its items are. */
import type { StepView } from "../../../../src/contract/run-view.ts";
import { FINAL } from "../patch-run.ts";

export interface NodeLook {
  readonly step: StepView;
  readonly items: { readonly done: number; readonly total: number; readonly failed: number } | null;
}

export function looksOf(steps: readonly StepView[]): ReadonlyMap<string, NodeLook> {
  const looks = new Map<string, NodeLook>();
  const items = new Map<string, { done: number; total: number; failed: number }>();
  for (const step of steps) {
    if (step.itemKey === null) {
      looks.set(step.id, { step, items: null });
      continue;
    }
    const parent = parentOf(step.id);
    const sum = items.get(parent) ?? { done: 0, total: 0, failed: 0 };
    sum.total++;
    if (FINAL.has(step.state)) sum.done++;
    if (step.state === "failed") sum.failed++;
    items.set(parent, sum);
  }
  for (const [id, sum] of items) {
    const look = looks.get(id);
    if (look !== undefined) looks.set(id, { ...look, items: sum });
  }
  return looks;
}

/** The step whose item it is: keys are encoded in ids, so the first bracket is the one. */
export function parentOf(id: string): string {
  const open = id.indexOf("[");
  return open < 0 ? id : id.slice(0, open);
}
