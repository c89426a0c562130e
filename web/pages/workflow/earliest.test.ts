import { expect, test } from "vitest";
import { earliestStarts } from "./earliest.ts";

test("a step begins when the last of those that it needs has ended", () => {
  const step = (id: string, wave: number, estimateMs: number, ...needs: string[]) => ({
    ...{ id, wave, estimateMs, needs, critical: false, slackMs: 0, p50Ms: null, p90Ms: null },
  });
  // Not in the order of the waves.
  const steps = [step("d", 2, 1, "b", "c"), step("a", 0, 10), step("b", 1, 5, "a"), step("c", 1, 20, "a")];
  expect(Object.fromEntries(earliestStarts(steps))).toEqual({ a: 0, b: 10, c: 10, d: 30 });
});
