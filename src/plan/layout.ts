/**
 * Places for the boxes and lines of a drawing: waves become columns, from left to right.
 *
 * - L1 A line over several columns runs through one invisible item in each, and all lines of one box share them, so that lines
 *   never cross boxes and many become one trunk.
 * - L2 The order within columns comes from barycentres, swept forth and back; the order with the fewest crossings is kept.
 * - L3 Heights are the least squares of the distances to neighbours under the given order (isotonic regression), so that long
 *   lines come out straight.
 */
import { at, lastOf } from "./at.ts";
import { greatest } from "./greatest.ts";
import { reduceCrossings } from "./layout-crossings.ts";
import { settleHeights } from "./layout-heights.ts";
import { createItems, type Item, type LayoutInput } from "./layout-items.ts";

const GAP_BETWEEN_COLUMNS = 56;

export interface Layout {
  readonly columns: readonly { readonly x: number; readonly width: number; readonly items: readonly Item[] }[];
  /** The items of each edge, from its first box to its last. */
  readonly routes: readonly (readonly Item[])[];
  readonly width: number;
  readonly height: number;
}

export function computeLayout(input: LayoutInput): Layout {
  const { columns, routes } = createItems(input);
  reduceCrossings(columns);
  settleHeights(columns);
  const top = greatest(columns, (column) => at(column, 0).height / 2 - at(column, 0).y);
  for (const item of columns.flat()) item.y += top;
  let x = 0;
  const placed = columns.map((column) => {
    const width = greatest(column, ({ box }) => (box === null ? 0 : at(input.widths, box)));
    const left = x;
    x += width + gapAfter(column);
    return { x: left, width, items: column };
  });
  const height = greatest(columns, (column) => lastOf(column).y + lastOf(column).height / 2);
  return { columns: placed, routes, width: greatest(placed, ({ x: left, width }) => left + width), height };
}

/** Wider where many lines meet, so that they stay apart. */
function gapAfter(column: readonly Item[]): number {
  const lines = column.reduce((count, { after }) => count + after.length, 0);
  return GAP_BETWEEN_COLUMNS + Math.min(64, 2 * lines);
}
