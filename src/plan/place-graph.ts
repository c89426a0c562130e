/** Where a page draws the steps and lines of a workflow: the layout of the SVG picture as plain numbers. Pixels from the upper left corner. */
import { at } from "./at.ts";
import type { Drawing } from "./drawing.ts";
import { computeLayout, type Layout } from "./layout.ts";
import type { Item } from "./layout-items.ts";
import { BOX_HEIGHT, boxWidth } from "./svg-box.ts";
import { round } from "./svg-text.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedBox extends Point {
  readonly width: number;
  readonly height: number;
}

export interface PlacedGraph {
  readonly width: number;
  readonly height: number;
  /** By step of the drawing. */
  readonly boxes: readonly PlacedBox[];
  /** By edge of the drawing: from the right side of its first box to the left side of its last, level where it passes a column. */
  readonly lines: readonly (readonly Point[])[];
}

export function placeGraph({ steps, edges }: Drawing): PlacedGraph {
  const widths = steps.map(boxWidth);
  const layout = computeLayout({ widths, columnOf: steps.map(({ wave }) => wave), edges, boxHeight: BOX_HEIGHT });
  const boxes: PlacedBox[] = [];
  for (const { x, items } of layout.columns)
    for (const { box, y } of items)
      if (box !== null) boxes[box] = { x: round(x), y: round(y - BOX_HEIGHT / 2), width: round(at(widths, box)), height: BOX_HEIGHT };
  return {
    width: Math.ceil(layout.width),
    height: Math.ceil(layout.height),
    boxes,
    lines: layout.routes.map((route) => route.flatMap((item, position) => pointsOf(layout, widths, item, position === route.length - 1))),
  };
}

function pointsOf({ columns }: Layout, widths: readonly number[], { box, column, y }: Item, isLast: boolean): readonly Point[] {
  const { x, width } = at(columns, column - 1);
  const left = { x: round(x), y: round(y) };
  if (isLast) return [left];
  const right = { x: round(x + width), y: round(y) };
  return box === null ? [left, right] : [{ x: round(x + at(widths, box)), y: round(y) }, right];
}
