import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createArrivalTimes } from "./arrival-times.ts";

const directory = mkdtempSync(join(tmpdir(), "troupe-times-"));
afterAll(() => rmSync(directory, { recursive: true }));
const path = join(directory, "times");
const read = (): unknown => JSON.parse(readFileSync(path, "utf8"));

test("what comes within ten milliseconds is one mark, what comes later another", () => {
  const times = createArrivalTimes(path);
  times.note(5, 1_000);
  times.note(9, 1_004);
  times.note(12, 1_200);
  times.finish();
  expect(read()).toEqual({
    total: 12,
    marks: [
      [9, 1_004],
      [12, 1_200],
    ],
  });
});

test("a silent stream leaves no file", () => {
  const silent = join(directory, "silent");
  createArrivalTimes(silent).finish();
  expect(existsSync(silent)).toBe(false);
});

test("they are there while it runs, a second late at most", () => {
  const times = createArrivalTimes(path);
  times.note(1, 0);
  times.note(2, 900);
  times.note(3, 1_000);
  expect(read()).toMatchObject({ total: 3 });
});

test("a stream that never ends keeps a bounded number of marks over its whole life", () => {
  const times = createArrivalTimes(path);
  for (let index = 1; index <= 100_000; index++) times.note(index, index * 20);
  times.finish();
  const { total, marks } = read() as { total: number; marks: [number, number][] };
  expect(total).toBe(100_000);
  expect(marks.length).toBeLessThanOrEqual(2_048);
  expect(marks[0]?.[0]).toBeLessThan(200);
  expect(marks.every(([end, at]) => at === end * 20)).toBe(true);
});

test("a directory that is gone costs the times only", () => {
  const times = createArrivalTimes(join(directory, "gone", "times"));
  times.note(1, 0);
  expect(() => times.finish()).not.toThrow();
});
