import { expect, test } from "vitest";
import { ago, bytes, duration, many, money, shortId } from "./format.ts";

test.each([
  [0, "0ms"],
  [999, "999ms"],
  [1_000, "1.0s"],
  [9_990, "9.9s"],
  [59_999, "59s"],
  [60_000, "1m 00s"],
  [83_000, "1m 23s"],
  [3_600_000 * 3 + 60_000 * 5, "3h 05m"],
  [86_400_000 * 2 + 3_600_000, "2d 01h"],
  [-1_500, "−1.5s"],
])("%d milliseconds read %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  [0, "$0"],
  [0.000123, "$0.00012"],
  [0.0123, "$0.012"],
  [0.1, "$0.10"],
  [1_234.5, "$1,234.50"],
])("%d dollars read %s", (usd, text) => {
  expect(money(usd)).toBe(text);
});

test.each([
  [0, "0 B"],
  [1_023, "1023 B"],
  [1_024, "1.0 KiB"],
  [300 * 1_024, "300 KiB"],
  [5 * 1_024 ** 3, "5.0 GiB"],
])("%d bytes read %s", (size, text) => {
  expect(bytes(size)).toBe(text);
});

test.each([
  [1_000, "just now"],
  [59_000, "59s ago"],
  [-7_200_000, "in 2h"],
  [86_400_000 * 3, "3d ago"],
])("%d milliseconds later it was %s", (later, text) => {
  expect(ago(1_000_000_000, 1_000_000_000 + later)).toBe(text);
});

test("what is counted has its number", () => {
  expect([many(1, "step"), many(2_000, "step"), many(2, "retry", "retries")]).toEqual(["1 step", "2,000 steps", "2 retries"]);
});

test("an id is shortened where nothing is lost that people compare", () => {
  expect(shortId(`run_${"0123456789abcdef".repeat(2)}`)).toBe("89abcdef");
  expect(shortId("build")).toBe("build");
});
