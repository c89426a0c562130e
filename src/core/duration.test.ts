import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DURATION_MAX_MS, formatDuration, parseDurationMs } from "./duration.ts";

describe("parseDurationMs", () => {
  test.each([
    ["250ms", 250],
    ["30s", 30_000],
    [" 2m ", 120_000],
    ["1h30m", 5_400_000],
    ["7d", 604_800_000],
    ["1w", 604_800_000],
    ["1.5s", 1_500],
    ["10", 10_000],
    ["0.25", 250],
    [5, 5_000],
    [0, 0],
    [0.0004, 0],
  ])("%s is %s ms", (source, expected) => {
    expect(parseDurationMs(source)).toBe(expected);
  });

  test.each(["", "s", "5 s", "-1s", "1e3", "5y", "1h 30m", "0x10", "1s2", -1, Number.NaN, Number.POSITIVE_INFINITY])(
    "%s is no duration",
    (source) => {
      expect(parseDurationMs(source)).toBeNull();
    },
  );

  test("ten years are admitted, a millisecond more is not", () => {
    expect(parseDurationMs(`${DURATION_MAX_MS}ms`)).toBe(DURATION_MAX_MS);
    expect(parseDurationMs(`${DURATION_MAX_MS + 1}ms`)).toBeNull();
  });

  test("the result is a whole, safe number of milliseconds whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.stringMatching(/^(\d{1,9}(\.\d{1,4})?(ms|s|m|h|d|w)){1,4}$/)), (source) => {
        const ms = parseDurationMs(source);
        expect(ms === null || (Number.isSafeInteger(ms) && ms >= 0 && ms <= DURATION_MAX_MS)).toBe(true);
      }),
    );
  });
});

describe("formatDuration", () => {
  test.each([
    [0, "0 ms"],
    [850, "850 ms"],
    [4_200, "4.2 s"],
    [42_000, "42 s"],
    [185_000, "3 m 05 s"],
    [7_800_000, "2 h 10 m"],
    [442_800_000, "5 d 3 h"],
  ])("%s ms reads %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test.each([
    [999.6, "1.0 s"],
    [9_960, "10 s"],
    [59_700, "1 m 00 s"],
  ])("%s ms is rounded up into the next unit: %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
