/** The boxes of a layout and the lines between them, cut into pieces from column to column (L1). */
import { at, lastOf } from "./at.ts";

/** More items than anybody can look at; beyond, lines go straight from box to box. */
const ITEMS_MAX = 20_000;

export interface LayoutInput {
  /** By box. */
  readonly widths: readonly number[];
  /** By box, from 1. */
  readonly columnOf: readonly number[];
  readonly edges: readonly { readonly from: number; readonly to: number }[];
  readonly boxHeight: number;
}

/** A box, or a place where a line crosses a column. `y` is the middle. */
export interface Item {
  /** Index of the box; null for a crossing line. */
  readonly box: number | null;
  readonly column: number;
  readonly height: number;
  y: number;
  /** Neighbours in the columns before and after. */
  readonly before: Item[];
  readonly after: Item[];
  /** Rank in its column. */
  rank: number;
}

/** All items by column, and the items of each edge. */
export function createItems({ columnOf, edges, boxHeight }: LayoutInput): { columns: Item[][]; routes: Item[][] } {
  const boxes = columnOf.map((column, box) => createItem(box, column, boxHeight));
  const trunks = boxes.map((box) => [box]);
  const isStraight = boxes.length + countPasses(columnOf, edges) > ITEMS_MAX;
  const routes = edges.map(({ from, to }) => {
    const trunk = at(trunks, from);
    const target = at(boxes, to);
    const length = isStraight ? 1 : target.column - at(boxes, from).column;
    while (trunk.length < length) {
      const end = lastOf(trunk);
      trunk.push(link(end, createItem(null, end.column + 1, 0)));
    }
    link(at(trunk, length - 1), target);
    return [...trunk.slice(0, length), target];
  });
  return { columns: toColumns([...boxes, ...trunks.flatMap((trunk) => trunk.slice(1))]), routes };
}

function createItem(box: number | null, column: number, height: number): Item {
  return { box, column, height, y: 0, before: [], after: [], rank: 0 };
}

function link(start: Item, end: Item): Item {
  start.after.push(end);
  end.before.push(start);
  return end;
}

/** Columns that trunks pass through, all together. */
function countPasses(columnOf: readonly number[], edges: LayoutInput["edges"]): number {
  const longest = new Int32Array(columnOf.length);
  for (const { from, to } of edges) longest[from] = Math.max(at(longest, from), at(columnOf, to) - at(columnOf, from) - 1);
  return longest.reduce((sum, count) => sum + count, 0);
}

function toColumns(items: readonly Item[]): Item[][] {
  const columns: Item[][] = [];
  for (const item of items) {
    while (columns.length < item.column) columns.push([]);
    at(columns, item.column - 1).push(item);
  }
  for (const column of columns) numberItems(column);
  return columns;
}

/** Writes each item's place in its column. */
export function numberItems(column: readonly Item[]): void {
  for (const [rank, item] of column.entries()) item.rank = rank;
}
