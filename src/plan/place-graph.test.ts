import { describe, expect, test } from "vitest";
import { builtInStepTypes } from "../../test/support/step-types.ts";
import { compile } from "../definition/index.ts";
import { toDrawing } from "./drawing.ts";
import { placeGraph } from "./place-graph.ts";
import { plan } from "./plan.ts";

function placed(text: string) {
  const workflow = compile(text, { file: "sample.troupe.yaml", stepTypes: builtInStepTypes });
  const drawing = toDrawing(workflow, plan(workflow, { workers: 4 }));
  return { drawing, ...placeGraph(drawing) };
}

const DIAMOND = `steps:
  - { id: a, run: x }
  - { id: b, run: x, needs: a }
  - { id: c, run: x, needs: a }
  - { id: d, run: x, needs: [a, b, c] }
`;

describe("a placed graph", () => {
  test("has a box for each step inside its bounds, and none lies on another", () => {
    const { boxes, width, height } = placed(DIAMOND);
    expect(boxes).toHaveLength(4);
    for (const [index, one] of boxes.entries()) {
      expect([one.x >= 0, one.y >= 0, one.x + one.width <= width, one.y + one.height <= height]).toEqual([true, true, true, true]);
      for (const other of boxes.slice(index + 1)) {
        const isBeside = one.x + one.width <= other.x || other.x + other.width <= one.x;
        const isBelow = one.y + one.height <= other.y || other.y + other.height <= one.y;
        expect(isBeside || isBelow).toBe(true);
      }
    }
  });

  test("leads each line from the right of its first box to the left of its last, always to the right", () => {
    const { drawing, boxes, lines } = placed(DIAMOND);
    expect(lines).toHaveLength(drawing.edges.length);
    for (const [index, points] of lines.entries()) {
      const edge = drawing.edges[index];
      const [from, to] = [boxes[edge?.from ?? -1], boxes[edge?.to ?? -1]];
      expect(points[0]).toEqual({ x: (from?.x ?? 0) + (from?.width ?? 0), y: (from?.y ?? 0) + (from?.height ?? 0) / 2 });
      expect(points.at(-1)).toEqual({ x: to?.x, y: (to?.y ?? 0) + (to?.height ?? 0) / 2 });
      for (const [position, point] of points.slice(1).entries()) expect(point.x).toBeGreaterThanOrEqual(points[position]?.x ?? 0);
    }
  });

  test("of one step has no line", () => {
    const { boxes, lines } = placed("steps: [{ id: a, run: x }]\n");
    expect([boxes.length, lines]).toEqual([1, []]);
  });
});
