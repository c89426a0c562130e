import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { readArrivals } from "./attempt-logs.ts";

let directory: string;
const made: string[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "troupe-logs-"));
  made.push(directory);
});
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true });
});

const times = (value: unknown): void => writeFileSync(join(directory, "stdout.times"), JSON.stringify(value));

test("a byte came when the first mark behind it was made", () => {
  times({
    total: 30,
    marks: [
      [10, 100],
      [30, 200],
    ],
  });
  const arrivals = readArrivals(directory, "stdout");
  expect([0, 9, 10, 29, 30].map(arrivals)).toEqual([100, 100, 200, 200, null]);
});

test("what is left of a long stream's end has the time of its end, not of its place in the file", () => {
  // 8 bytes at the head, 4 of the last ones behind them; 996 were not kept.
  writeFileSync(join(directory, "result.json"), JSON.stringify({ stdout: { truncated: true, headBytes: 8, tailBytes: 4, bytes: 1_008 } }));
  times({
    total: 1_008,
    marks: [
      [8, 100],
      [1_004, 200],
      [1_008, 300],
    ],
  });
  const arrivals = readArrivals(directory, "stdout");
  expect([7, 8, 11].map(arrivals)).toEqual([100, 300, 300]);
});

test.each(["", "nonsense", "[]", '{"total":"x","marks":[]}', '{"total":1,"marks":[["a",1]]}', '{"total":1,"marks":7}', "null"])(
  "what is no list of marks tells nothing: %j",
  (text) => {
    writeFileSync(join(directory, "stdout.times"), text);
    expect(readArrivals(directory, "stdout")(0)).toBeNull();
  },
);

test("an attempt of an earlier version has no times", () => {
  expect(readArrivals(directory, "stderr")(0)).toBeNull();
});
