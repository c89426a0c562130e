/** The rows of the waterfall: steps in the order in which they first moved, and below each, where it is unfolded, its items. */
import type { StepTimes } from "./segments.ts";

export interface WaterfallRow extends StepTimes {
  /** How many items it has. */
  readonly items: number;
  readonly isOpen: boolean;
}

export function rowsOf(steps: readonly StepTimes[], open: ReadonlySet<string>): readonly WaterfallRow[] {
  const items = Map.groupBy(
    steps.filter(({ parent }) => parent !== null),
    ({ parent }) => parent,
  );
  return steps
    .filter(({ parent }) => parent === null)
    .flatMap((step): readonly WaterfallRow[] => {
      const own = items.get(step.id) ?? [];
      const isOpen = own.length > 0 && open.has(step.id);
      return [{ ...step, items: own.length, isOpen }, ...(isOpen ? own.map((item) => ({ ...item, items: 0, isOpen: false })) : [])];
    });
}
