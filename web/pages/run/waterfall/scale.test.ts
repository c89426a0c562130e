import { expect, test } from "vitest";
import { createScale } from "./scale.ts";
import type { StepTimes } from "./segments.ts";

const step = (...runs: readonly (readonly [from: number, to: number])[]): StepTimes => ({
  id: "s",
  parent: null,
  state: "succeeded",
  segments: runs.map(([from, to]) => ({ kind: "run", from, to, attempt: 1 })),
});

test("without folds the scale is even", () => {
  const { place, folds } = createScale([step([0, 100])], 0, 1_000, false);
  expect([place(0), place(250), place(1_000), place(9_999)]).toEqual([0, 0.25, 1, 1]);
  expect(folds).toEqual([]);
});

test("a night in which nothing runs takes three hundredths of the width", () => {
  const night = 36_000_000;
  const { place, folds } = createScale([step([0, 10_000], [night, night + 10_000])], 0, night + 10_000, true);
  expect(folds).toEqual([{ from: 10_000, to: night }]);
  expect(place(night) - place(10_000)).toBeCloseTo(0.03);
  expect(place(10_000)).toBeCloseTo(0.485);
  expect(place(night + 10_000)).toBeCloseTo(1);
});

test("while something runs, nothing is folded, whatever else waits", () => {
  expect(createScale([step([0, 90_000]), step([0, 5], [80_000, 100_000])], 0, 100_000, true).folds).toEqual([]);
});

test("later is never further to the left, and many folds leave most of the width", () => {
  const runs = Array.from({ length: 30 }, (_, index): readonly [number, number] => [index * 100_000, index * 100_000 + 50_000]);
  const { place } = createScale([step(...runs)], 0, 3_000_000, true);
  const places = Array.from({ length: 301 }, (_, index) => place(index * 10_000));
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  expect(places.at(-1)).toBeCloseTo(1);
});

test("marks are round, in order, and not too many", () => {
  const { marks } = createScale([step([0, 47_300])], 0, 47_300, true);
  expect(marks).toEqual([0, 10_000, 20_000, 30_000, 40_000]);
  expect(createScale([], 5, 5, true).marks).toEqual([5]);
});
