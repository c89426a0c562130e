import { expect, test } from "vitest";
import { createTimeline, FOLD_COLUMNS } from "./timeline.ts";

const HOUR = 3_600_000;

test("time is spread evenly over the columns, and a column leads back to its time", () => {
  const { columnOf, timeAt, folds } = createTimeline({ from: 1_000, to: 2_000 }, [{ from: 1_000, to: 2_000 }], 50);
  expect([columnOf(1_000), columnOf(1_500), columnOf(2_000)]).toEqual([0, 25, 50]);
  expect([timeAt(0), timeAt(25), timeAt(50)]).toEqual([1_000, 1_500, 2_000]);
  expect(folds).toEqual([]);
});

test("a long time in which nothing ran takes three columns, and the rest gets the others", () => {
  const busy = [
    { from: 0, to: 1_000 },
    { from: HOUR, to: HOUR + 1_000 },
  ];
  const { columnOf, timeAt, folds } = createTimeline({ from: 0, to: HOUR + 1_000 }, busy, 43);
  expect(folds).toEqual([{ from: 1_000, to: HOUR, column: 20 }]);
  expect([columnOf(1_000), columnOf(HOUR), columnOf(HOUR + 1_000)]).toEqual([20, 20 + FOLD_COLUMNS, 43]);
  expect(timeAt(33)).toBe(HOUR + 500);
});

test("idle times that are short, or a small part of the whole, are shown as they are", () => {
  const short = createTimeline({ from: 0, to: 1_500 }, [{ from: 999, to: 1_500 }], 50);
  expect(short.folds).toEqual([]);
  const small = createTimeline({ from: 0, to: HOUR }, [{ from: HOUR / 10, to: HOUR }], 50);
  expect(small.folds).toEqual([]);
});

test("idle time at the end is folded too, and overlapping work leaves no gap", () => {
  const busy = [
    { from: 0, to: 2_000 },
    { from: 500, to: 1_000 },
    { from: 1_000, to: 3_000 },
  ];
  const { folds } = createTimeline({ from: 0, to: HOUR }, busy, 50);
  expect(folds).toEqual([{ from: 3_000, to: HOUR, column: 47 }]);
});

test("moments outside and a run without any length stay on the axis", () => {
  const { columnOf } = createTimeline({ from: 0, to: 1_000 }, [{ from: 0, to: 1_000 }], 50);
  expect([columnOf(-5), columnOf(2_000)]).toEqual([0, 50]);
  const empty = createTimeline({ from: 7, to: 7 }, [], 50);
  expect([empty.columnOf(7), empty.timeAt(10), empty.folds]).toEqual([0, 7, []]);
});
