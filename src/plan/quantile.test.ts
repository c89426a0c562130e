import fc from "fast-check";
import { expect, test } from "vitest";
import { computeSpread } from "./quantile.ts";

test("the median of an even number of samples lies between the middle two", () => {
  expect(computeSpread([400, 100, 300, 200])).toEqual({ p50Ms: 250, p90Ms: 370 });
});

test("one sample is all that is known", () => {
  expect(computeSpread([123.4])).toEqual({ p50Ms: 123, p90Ms: 123 });
});

test("no samples, or none that can be a duration, say nothing", () => {
  expect(computeSpread(undefined)).toBeNull();
  expect(computeSpread([])).toBeNull();
  expect(computeSpread([Number.NaN, Number.POSITIVE_INFINITY, -1])).toBeNull();
});

test("both lie within the samples, the median first", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), (samples) => {
      const { p50Ms, p90Ms } = computeSpread(samples) ?? { p50Ms: Number.NaN, p90Ms: Number.NaN };
      expect(p50Ms).toBeGreaterThanOrEqual(Math.min(...samples));
      expect(p90Ms).toBeGreaterThanOrEqual(p50Ms);
      expect(p90Ms).toBeLessThanOrEqual(Math.max(...samples));
    }),
  );
});
