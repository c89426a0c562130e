/**
 * Orders the items within each column so that few lines cross (L2): barycentres, swept forth and back; the best order seen is kept.
 */
import { at } from "./at.ts";
import { greatest } from "./greatest.ts";
import { type Item, numberItems } from "./layout-items.ts";

const SWEEPS = 12;

/** Sorts the columns in place. */
export function reduceCrossings(columns: Item[][]): void {
  let fewest = countCrossings(columns);
  let best = columns.map((column) => [...column]);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const forth = sweep % 2 === 0;
    for (const column of forth ? columns : columns.toReversed()) sortByBarycentre(column, forth ? "before" : "after");
    const crossings = countCrossings(columns);
    if (crossings >= fewest) continue;
    fewest = crossings;
    best = columns.map((column) => [...column]);
  }
  for (const [index, column] of best.entries()) {
    columns[index] = column;
    numberItems(column);
  }
}

function sortByBarycentre(column: Item[], side: "before" | "after"): void {
  const centred = column.map((item) => ({ item, centre: item[side].length === 0 ? item.rank : mean(item[side].map(({ rank }) => rank)) }));
  centred.sort((left, right) => left.centre - right.centre);
  for (const [rank, { item }] of centred.entries()) column[rank] = item;
  numberItems(column);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Pairs of lines that cross between neighbouring columns, counted with a Fenwick tree. */
export function countCrossings(columns: readonly (readonly Item[])[]): number {
  let crossings = 0;
  for (const column of columns) {
    const size = 1 + greatest(column, ({ after }) => greatest(after, ({ rank }) => rank));
    const tree = new Int32Array(size + 1);
    let seen = 0;
    for (const { after } of column) {
      const ranks = after.map(({ rank }) => rank).sort((left, right) => left - right);
      for (const rank of ranks) {
        let notAbove = 0;
        for (let node = rank + 1; node > 0; node -= node & -node) notAbove += at(tree, node);
        crossings += seen - notAbove;
      }
      for (const rank of ranks) for (let node = rank + 1; node <= size; node += node & -node) tree[node] = at(tree, node) + 1;
      seen += ranks.length;
    }
  }
  return crossings;
}
