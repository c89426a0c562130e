import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RETRY_DEFAULTS, RETRY_MAX_DEFAULT, retryDelayMs, worstRetryDelayMs, worstRetryDelaysMs } from "./retry-delay.ts";
import type { RetryPolicy } from "./workflow.ts";

const policy = (differs: Partial<RetryPolicy>): RetryPolicy => ({ ...RETRY_DEFAULTS, jitter: "none", max: 6, ...differs });
const table = (of: RetryPolicy, jitter = 1): number[] => [1, 2, 3, 4, 5, 6].map((retry) => retryDelayMs(of, retry, jitter));

const anyPolicy = fc
  .record({
    max: fc.nat({ max: 40 }),
    strategy: fc.constantFrom("fixed", "linear", "exponential"),
    baseMs: fc.nat({ max: 10_000 }),
    factor: fc.double({ min: 0.5, max: 10, noNaN: true }),
    capMs: fc.nat({ max: 100_000 }),
    jitter: fc.constantFrom("none", "full", "equal"),
  })
  .map((differs) => policy(differs as Partial<RetryPolicy>));

describe("retryDelayMs", () => {
  test("the default table is 2, 4, 8, 16, 32, 60 s", () => {
    expect(RETRY_MAX_DEFAULT).toBe(6);
    expect(table(RETRY_DEFAULTS)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
  });

  test("a fixed delay stays", () => {
    expect(table(policy({ strategy: "fixed", baseMs: 500 }))).toEqual([500, 500, 500, 500, 500, 500]);
  });

  test("a linear delay grows by its base up to the cap", () => {
    expect(table(policy({ strategy: "linear", baseMs: 1_000, capMs: 4_500 }))).toEqual([1_000, 2_000, 3_000, 4_000, 4_500, 4_500]);
  });

  test("full jitter draws from nothing to all, equal jitter from half to all", () => {
    expect(retryDelayMs(policy({ jitter: "full" }), 1, 0)).toBe(0);
    expect(retryDelayMs(policy({ jitter: "full" }), 1, 0.25)).toBe(500);
    expect(retryDelayMs(policy({ jitter: "equal" }), 1, 0)).toBe(1_000);
    expect(retryDelayMs(policy({ jitter: "equal" }), 1, 0.5)).toBe(1_500);
    expect(retryDelayMs(policy({ jitter: "none" }), 1, 0.5)).toBe(2_000);
  });

  test("retries far beyond the range of numbers stay at the cap, or at nothing", () => {
    expect(retryDelayMs(policy({ factor: 10 }), 5_000, 1)).toBe(60_000);
    expect(retryDelayMs(policy({ factor: 10, baseMs: 0 }), 5_000, 1)).toBe(0);
  });

  test("a delay is whole, never negative, never above the cap or the worst delay", () => {
    fc.assert(
      fc.property(anyPolicy, fc.integer({ min: -1, max: 100 }), fc.double({ min: -1, max: 2, noNaN: true }), (some, retry, jitter) => {
        const delayMs = retryDelayMs(some, retry, jitter);
        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(Math.min(some.capMs, worstRetryDelayMs(some, retry)));
      }),
    );
  });

  test("the sum of the worst delays is the sum of each", () => {
    fc.assert(
      fc.property(anyPolicy, (some) => {
        const each = Array.from({ length: some.max }, (_, index) => worstRetryDelayMs(some, index + 1));
        expect(worstRetryDelaysMs(some)).toBe(each.reduce((sum, delayMs) => sum + delayMs, 0));
      }),
    );
  });
});
