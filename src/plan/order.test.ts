import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildWorkflow } from "../../test/support/workflow-builder.ts";
import { computeOrder, findCycle } from "./order.ts";

describe("computeOrder", () => {
  test("a step's wave follows the last wave of the steps it needs", () => {
    const { steps } = buildWorkflow([
      { id: "join", needs: ["left", "start"] },
      { id: "start" },
      { id: "left", needs: ["start"] },
      { id: "alone" },
    ]);
    const { order, waves, waveOf } = computeOrder(steps);
    expect(waves).toEqual([[1, 3], [2], [0]]);
    expect(order).toEqual([1, 3, 2, 0]);
    expect([...waveOf]).toEqual([3, 1, 2, 1]);
  });

  test("no steps have no waves", () => {
    expect(computeOrder([])).toMatchObject({ order: [], waves: [] });
  });

  test("a circle that compiling let through is our bug", () => {
    const { steps } = buildWorkflow([{ id: "a", needs: ["b"] }, { id: "b", needs: ["a"] }, { id: "c" }]);
    expect(() => computeOrder(steps)).toThrow(expect.objectContaining({ code: "INV_PLAN_CYCLE" }));
  });
});

describe("findCycle", () => {
  const find = (graph: readonly (readonly number[])[]): number[] | null => findCycle(graph.length, (index) => graph[index] ?? []);

  test("a graph without a circle has none", () => {
    expect(find([[1, 2], [2], [], [0, 0]])).toBeNull();
  });

  test("a step that needs itself is the smallest circle", () => {
    expect(find([[], [1]])).toEqual([1, 1]);
  });

  test("the circle is told as a path in which each needs the next, from its first step in the file", () => {
    expect(find([[], [3], [1], [2]])).toEqual([1, 3, 2, 1]);
  });

  test("a detour is left out of the circle", () => {
    expect(find([[1], [2], [3, 0], [0]])).toEqual([0, 1, 2, 0]);
  });

  test("a chain of 100,000 steps needs no deep stack", () => {
    const count = 100_000;
    expect(findCycle(count, (index) => [(index + 1) % count])).toHaveLength(count + 1);
  });

  test("answers a real circle exactly when there is one", () => {
    const graph = fc
      .integer({ min: 1, max: 8 })
      .chain((count) => fc.array(fc.array(fc.nat({ max: count - 1 }), { maxLength: 3 }), { minLength: count, maxLength: count }));
    fc.assert(
      fc.property(graph, (needs) => {
        const cycle = find(needs);
        expect(cycle === null).toBe(canBeSorted(needs));
        if (cycle === null) return;
        expect(cycle.at(-1)).toBe(cycle[0]);
        expect(new Set(cycle).size).toBe(cycle.length - 1);
        for (const [position, index] of cycle.slice(0, -1).entries()) expect(needs[index]).toContain(cycle[position + 1]);
      }),
    );
  });
});

function canBeSorted(needs: readonly (readonly number[])[]): boolean {
  const done = new Set<number>();
  for (let round = 0; round < needs.length; round++) {
    for (const [index, list] of needs.entries()) if (list.every((need) => done.has(need))) done.add(index);
  }
  return done.size === needs.length;
}
