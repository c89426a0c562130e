import { expect, test } from "vitest";
import { nanosToUsd, roundUsd, toNanos } from "./usd.ts";

test("dollars are whole billionths, whatever they were added up from", () => {
  expect(0.1 + 0.2).not.toBe(0.3);
  expect(roundUsd(0.1 + 0.2)).toBe(0.3);
  expect([toNanos(0.0000000014), nanosToUsd(1), roundUsd(4)]).toEqual([1, 1e-9, 4]);
});
