import { expect, test } from "vitest";
import type { GraphNode } from "../../../../src/contract/graph-view.ts";
import { walk } from "./walk.ts";

const node = (id: string, wave: number, y: number): GraphNode => ({
  id,
  wave,
  y,
  x: wave * 100,
  title: null,
  type: "shell",
  critical: false,
  fansOut: false,
  width: 80,
  height: 40,
});
const edge = (from: string, to: string) => ({ from, to, because: "needs", critical: false, points: [] });
const graph = {
  nodes: [node("a", 0, 50), node("b", 1, 0), node("c", 1, 60), node("d", 1, 120), node("e", 2, 60)],
  edges: [edge("a", "b"), edge("a", "c"), edge("c", "e"), edge("d", "e")],
};

test.each([
  ["a", "right", "c"],
  ["c", "left", "a"],
  ["b", "down", "c"],
  ["d", "up", "c"],
  ["e", "left", "c"],
  ["e", "right", null],
  ["a", "up", null],
  ["nobody", "right", "a"],
] as const)("from %s to the %s it goes to %s", (from, way, to) => {
  expect(walk(graph, from, way)).toBe(to);
});
