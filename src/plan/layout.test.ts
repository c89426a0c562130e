import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyWorkflow } from "../../test/support/arbitrary-workflow.ts";
import { computeLayout, type Layout } from "./layout.ts";
import { countCrossings, reduceCrossings } from "./layout-crossings.ts";
import { createItems, type LayoutInput } from "./layout-items.ts";
import { computeOrder } from "./order.ts";
import type { CompiledWorkflow } from "./workflow.ts";

function toInput({ steps }: CompiledWorkflow): LayoutInput {
  return {
    widths: steps.map(() => 100),
    columnOf: [...computeOrder(steps).waveOf],
    edges: steps.flatMap(({ index, needs }) => needs.map(({ from }) => ({ from, to: index }))),
    boxHeight: 40,
  };
}

const layoutOf = (columnOf: readonly number[], pairs: readonly (readonly [number, number])[]): Layout =>
  computeLayout({ widths: columnOf.map(() => 100), columnOf, edges: pairs.map(([from, to]) => ({ from, to })), boxHeight: 40 });

describe("computeLayout", () => {
  test("a chain lies on one line", () => {
    const { columns, height } = layoutOf(
      [1, 2, 3],
      [
        [0, 1],
        [1, 2],
      ],
    );
    expect(columns.flatMap(({ items }) => items.map(({ y }) => Math.round(y)))).toEqual([20, 20, 20]);
    expect(height).toBeCloseTo(40);
  });

  test("two lines that could cross do not", () => {
    const { columns } = layoutOf(
      [1, 1, 2, 2],
      [
        [0, 3],
        [1, 2],
      ],
    );
    expect(countCrossings(columns.map(({ items }) => items))).toBe(0);
  });

  test("the lines of one box share a trunk through the columns that they pass (L1)", () => {
    const { routes } = layoutOf(
      [1, 2, 3, 4],
      [
        [0, 1],
        [1, 2],
        [2, 3],
        [0, 2],
        [0, 3],
      ],
    );
    expect(routes.map((route) => route.map(({ box }) => box))).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
      [0, null, 2],
      [0, null, null, 3],
    ]);
    expect(routes[3]?.[1]).toBe(routes[4]?.[1]);
  });

  test("in a drawing too large to look at, lines go straight", () => {
    const columnOf = Array.from({ length: 300 }, (_, index) => index + 1);
    const { routes } = layoutOf(
      columnOf,
      columnOf.slice(0, -1).map((_, from) => [from, 299] as const),
    );
    expect(routes.every(({ length }) => length === 2)).toBe(true);
  });

  test("nothing overlaps, lies outside, or breaks the order from left to right", () => {
    fc.assert(
      fc.property(anyWorkflow, (workflow) => {
        const { columns, width, height, routes } = computeLayout(toInput(workflow));
        for (const { x, width: own, items } of columns) {
          expect(x + own).toBeLessThanOrEqual(width);
          for (const [rank, item] of items.entries()) {
            expect(item.y - item.height / 2).toBeGreaterThanOrEqual(-0.001);
            expect(item.y + item.height / 2).toBeLessThanOrEqual(height + 0.001);
            const above = items[rank - 1];
            if (above !== undefined) expect(item.y - above.y).toBeGreaterThanOrEqual((item.height + above.height) / 2 + 11.999);
          }
        }
        for (const route of routes) for (const [rank, { column }] of route.entries()) expect(column).toBe((route[0]?.column ?? 0) + rank);
      }),
    );
  });
});

test("sorting never adds crossings, which are counted as comparing every pair of lines counts them", () => {
  fc.assert(
    fc.property(anyWorkflow, (workflow) => {
      const { columns } = createItems(toInput(workflow));
      const before = countCrossings(columns);
      const lines = columns.map((column) => column.flatMap((start) => start.after.map((end) => [start.rank, end.rank] as const)));
      const crossing = lines.map((list) => list.flatMap(([a, b]) => list.filter(([c, d]) => a < c && b > d)).length);
      expect(before).toBe(crossing.reduce((sum, count) => sum + count, 0));
      reduceCrossings(columns);
      expect(countCrossings(columns)).toBeLessThanOrEqual(before);
    }),
  );
});
