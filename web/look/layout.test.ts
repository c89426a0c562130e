import { describe, expect, test } from "vitest";
import { chartOf, MACHINES } from "../../observability/inspector/chart.ts";
import type { Card } from "./drawing.ts";
import { layOut, PITCH } from "./layout.ts";

type Box = Pick<Card, "x" | "y" | "width" | "height">;
const overlap = (one: Box, other: Box): boolean =>
  one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;
const holds = (outer: Box, inner: Box): boolean =>
  outer.x <= inner.x &&
  outer.y <= inner.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

describe.each(Object.entries(MACHINES))("the drawing of the %s machine", (_, machine) => {
  const chart = chartOf(machine);
  const { width, height, cards, edges } = layOut(chart);
  const isInside = (inner: Card, outer: Card): boolean => inner.state.path.startsWith(`${outer.state.path}.`);

  test("lays no state over another, and every state inside its parent", () => {
    for (const one of cards) {
      expect(holds({ x: 0, y: 0, width, height }, one), one.state.path).toBe(true);
      for (const other of cards) {
        if (one === other) continue;
        if (isInside(one, other)) expect(holds(other, one), one.state.path).toBe(true);
        else if (!isInside(other, one)) expect(overlap(one, other), `${one.state.path} ${other.state.path}`).toBe(false);
      }
    }
  });

  test("gives every row its own line of text, clear of the states inside", () => {
    for (const card of cards) {
      const heights = [card.portY, ...card.rows.map(({ y }) => y)];
      for (const [index, y] of heights.slice(1).entries()) expect(y - (heights[index] ?? 0)).toBeGreaterThanOrEqual(PITCH);
      const lowest = heights.at(-1) ?? 0;
      for (const child of cards.filter((other) => isInside(other, card))) expect(child.y).toBeGreaterThan(lowest + 6);
    }
  });

  test("draws every way to another state, and no other", () => {
    const ways = cards.flatMap(({ state, rows }) =>
      rows.flatMap(({ answers }) =>
        answers.flatMap(({ event, transitions }) =>
          transitions.flatMap(({ target }) => (target === null || target === state.path ? [] : [`${state.path} ${event} ${target}`])),
        ),
      ),
    );
    expect(edges.map(({ key }) => key).toSorted()).toEqual([...new Set(ways)].toSorted());
  });

  test("draws only lines that are level or upright, from the row to the heading of the target", () => {
    for (const { from, to, points, key } of edges) {
      for (const [index, [x, y]] of points.slice(1).entries()) expect(points[index]?.[0] === x || points[index]?.[1] === y, key).toBe(true);
      const [source, target] = [from, to].map((path) => cards.find(({ state }) => state.path === path));
      expect(source?.rows.map(({ y }) => y)).toContain(points[0]?.[1]);
      expect([target?.x, (target?.x ?? 0) + (target?.width ?? 0)]).toContain(points.at(-1)?.[0]);
      expect(points.at(-1)?.[1]).toBe(target?.portY);
    }
  });

  test("runs no upright line through a state that has nothing to do with it (L1)", () => {
    for (const { from, to, points, key } of edges) {
      for (const [index, [x, y]] of points.slice(1).entries()) {
        const before = points[index] ?? [x, y];
        if (before[0] !== x) continue;
        const line = { x: x - 0.1, width: 0.2, y: Math.min(y, before[1]), height: Math.abs(y - before[1]) };
        const hit = cards
          .filter(
            ({ state }) => !`${from}.`.startsWith(`${state.path}.`) && !`${to}.`.startsWith(`${state.path}.`) && state.states.length === 0,
          )
          .filter((card) => overlap(line, card));
        expect(hit.map(({ state }) => `${key} through ${state.path}`)).toEqual([]);
      }
    }
  });

  test("lays no lines to different states on one another (L2)", () => {
    const level = edges.flatMap(({ from, event, to, points }) =>
      points.slice(1).flatMap(([x, y], index) => {
        const before = points[index] ?? [x, y];
        return before[1] === y ? [{ from, event, to, y, left: Math.min(x, before[0]), right: Math.max(x, before[0]) }] : [];
      }),
    );
    const clashes = level.flatMap((one) =>
      level.filter(
        (other) =>
          one.to !== other.to &&
          `${one.from} ${one.event}` !== `${other.from} ${other.event}` &&
          Math.abs(one.y - other.y) < 1 &&
          one.left < other.right &&
          other.left < one.right,
      ),
    );
    expect(clashes).toEqual([]);
  });
});
