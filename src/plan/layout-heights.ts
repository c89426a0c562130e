/**
 * Heights of the items under a given order (L3): least squares of the distances to neighbours, by isotonic regression, so that
 * long lines come out straight and nothing overlaps.
 */
import { at } from "./at.ts";
import type { Item } from "./layout-items.ts";

const ROUNDS = 12;
const GAP_BETWEEN_BOXES = 18;
const GAP_BESIDE_LINES = 12;

/** A few rounds forth and back, each item drawn to its neighbours on one side, then to those on both. */
export function settleHeights(columns: readonly Item[][]): void {
  for (const column of columns) settle(column, () => []);
  for (let round = 0; round < ROUNDS; round++) {
    const forth = round % 2 === 0;
    const both = round >= ROUNDS / 2;
    for (const column of forth ? columns : columns.toReversed()) {
      settle(column, ({ before, after }) => (both ? [...before, ...after] : forth ? before : after));
    }
  }
}

/** Pools neighbours that would overlap until none does (pool adjacent violators). */
function settle(column: readonly Item[], neighboursOf: (item: Item) => readonly Item[]): void {
  const pools: { wanted: number; weight: number; readonly start: number }[] = [];
  const offsets = new Float64Array(column.length);
  for (const [start, item] of column.entries()) {
    if (start > 0) offsets[start] = at(offsets, start - 1) + distance(at(column, start - 1), item);
    const { y, weight } = wish(item, neighboursOf(item));
    let pool = { wanted: y - at(offsets, start), weight, start };
    for (let above = pools.at(-1); above !== undefined && above.wanted > pool.wanted; above = pools.at(-1)) {
      pools.pop();
      const sum = above.weight + pool.weight;
      pool = { wanted: (above.wanted * above.weight + pool.wanted * pool.weight) / sum, weight: sum, start: above.start };
    }
    pools.push(pool);
  }
  for (const [position, { wanted, start }] of pools.entries()) {
    const end = pools[position + 1]?.start ?? column.length;
    for (let rank = start; rank < end; rank++) at(column, rank).y = wanted + at(offsets, rank);
  }
}

function wish(item: Item, neighbours: readonly Item[]): { y: number; weight: number } {
  let weight = 0;
  let sum = 0;
  for (const neighbour of neighbours) {
    // A bend between two crossings of one line is what the eye minds most.
    const pull = item.box === null && neighbour.box === null ? 8 : item.box === null || neighbour.box === null ? 2 : 1;
    weight += pull;
    sum += pull * neighbour.y;
  }
  return weight === 0 ? { y: item.y, weight: 0.1 } : { y: sum / weight, weight };
}

function distance(upper: Item, lower: Item): number {
  const gap = upper.box === null || lower.box === null ? GAP_BESIDE_LINES : GAP_BETWEEN_BOXES;
  return upper.height / 2 + gap + lower.height / 2;
}
