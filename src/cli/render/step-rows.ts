/** The rows of a tree of steps: every step, and below a fan-out those of its items that say something. */
import type { StepView } from "../../contract/run-view.ts";
import { stepNameOf } from "../../core/item-id.ts";
import { plural } from "./text.ts";

export type TreeRow =
  | { readonly kind: "step"; readonly step: StepView }
  /** Items that are not shown one by one. */
  | { readonly kind: "more"; readonly text: string };

/** As many items are shown whatever became of them; of more, those that went wrong come first. */
const ITEMS_SHOWN_MAX = 12;

export function rowsOf(steps: readonly StepView[]): readonly TreeRow[] {
  const items = Map.groupBy(
    steps.filter(({ itemKey }) => itemKey !== null),
    ({ id }) => stepNameOf(id),
  );
  return steps
    .filter(({ itemKey }) => itemKey === null)
    .flatMap((step): readonly TreeRow[] => [{ kind: "step", step }, ...itemRows(items.get(step.id) ?? [])]);
}

function itemRows(items: readonly StepView[]): readonly TreeRow[] {
  if (items.length <= ITEMS_SHOWN_MAX) return items.map((step) => ({ kind: "step", step }));
  const chosen = new Set(items.toSorted((one, other) => rank(one) - rank(other)).slice(0, ITEMS_SHOWN_MAX - 1));
  const rest = items.filter((item) => !chosen.has(item));
  const counts = [...Map.groupBy(rest, ({ state }) => state)].map(([state, { length }]) => `${length} ${state}`).join(", ");
  return [
    ...items.filter((item) => chosen.has(item)).map((step): TreeRow => ({ kind: "step", step })),
    { kind: "more", text: `and ${plural(rest.length, "more item")}: ${counts}` },
  ];
}

function rank({ state }: StepView): number {
  if (state === "failed" || state === "quarantined") return 0;
  return state === "running" || state === "retrying" ? 1 : 2;
}
