import { expect, test } from "vitest";
import { fitted, opened, reveal, ZOOM_MIN, zoomAt } from "./view-box.ts";

const SCREEN = { width: 1_000, height: 500 };

test("a small drawing is shown as it is, in the middle", () => {
  expect(fitted({ width: 200, height: 100 }, SCREEN)).toEqual({ zoom: 1, x: 400, y: 200 });
});

test("a large one is made smaller until all of it is seen", () => {
  const { zoom, x, y } = fitted({ width: 9_520, height: 1_000 }, SCREEN);
  expect(zoom).toBeCloseTo(0.1);
  expect([x, Math.round(y)]).toEqual([24, 200]);
});

test("on a small screen a large one begins where it can be read", () => {
  const drawing = { width: 4_000, height: 300 };
  expect(opened(drawing, SCREEN)).toEqual(fitted(drawing, SCREEN));
  expect(opened(drawing, { width: 360, height: 500 })).toEqual({ zoom: 0.75, x: 24, y: 137.5 });
  expect(opened({ width: 200, height: 100 }, { width: 360, height: 500 }).zoom).toBe(1);
});

test("the point under the pointer stays where it is", () => {
  const before = { zoom: 1, x: 10, y: 20 };
  const point = { x: 300, y: 200 };
  const { zoom, x, y } = zoomAt(before, point, 2);
  expect([(point.x - x) / zoom, (point.y - y) / zoom]).toEqual([290, 180]);
  expect(zoomAt(before, point, 0).zoom).toBe(ZOOM_MIN);
});

test("what is out of sight is brought into it, and what is seen stays", () => {
  const view = { zoom: 1, x: 0, y: 0 };
  expect(reveal(view, { x: 100, y: 100, width: 50, height: 50 }, SCREEN)).toBe(view);
  expect(reveal(view, { x: 2_000, y: 100, width: 50, height: 50 }, SCREEN)).toEqual({ zoom: 1, x: -1_074, y: 0 });
  expect(reveal(view, { x: -300, y: 0, width: 50, height: 50 }, SCREEN)).toEqual({ zoom: 1, x: 324, y: 24 });
});
