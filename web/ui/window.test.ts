import { expect, test } from "vitest";
import { scrolledTo, windowOf } from "./window.ts";

test("only what is seen and a little more is drawn of ten thousand rows", () => {
  expect(windowOf(0, 800, 40, 10_000)).toEqual({ from: 0, to: 29 });
  expect(windowOf(200_000, 800, 40, 10_000)).toEqual({ from: 4_992, to: 5_029 });
  expect(windowOf(400_000 - 800, 800, 40, 10_000).to).toBe(10_000);
});

test("a short list is drawn whole, and one that became shorter than it was scrolled too", () => {
  expect(windowOf(0, 800, 40, 3)).toEqual({ from: 0, to: 3 });
  expect(windowOf(9_000, 800, 40, 3)).toEqual({ from: 0, to: 3 });
  expect(windowOf(0, 800, 40, 0)).toEqual({ from: 0, to: 0 });
});

test("a row is scrolled to only as far as it takes to see it", () => {
  expect(scrolledTo(2, 100, 400, 40)).toBe(80);
  expect(scrolledTo(5, 100, 400, 40)).toBe(100);
  expect(scrolledTo(20, 100, 400, 40)).toBe(440);
});
