import { expect, test } from "vitest";
import { buildWorkflow } from "../../../test/support/workflow-builder.ts";
import { computeForecast, type Expectation, type ForecastStep } from "./forecast.ts";

const workflow = buildWorkflow([{ id: "a" }, { id: "b", needs: ["a"] }, { id: "c", needs: ["a"] }]);
const estimatesMs = new Map([
  ["a", 2_000],
  ["b", 6_000],
  ["c", 2_000],
]);
const expectation = (known: readonly string[], workers = 2): Expectation => ({ workflow, estimatesMs, known: new Set(known), workers });
const all = expectation(["a", "b", "c"]);
const told = (steps: Readonly<Record<string, ForecastStep>>): ReadonlyMap<string, ForecastStep> => new Map(Object.entries(steps));

test("what nobody has told has not begun", () => {
  expect(computeForecast(told({}), all, 0)).toEqual({ percent: 0, remainingMs: 8_000 });
});

test("a running step counts by its latest attempt, and never for more than was expected of it", () => {
  const a = { state: "succeeded", startedAt: 0 };
  const at = (now: number) => computeForecast(told({ a, b: { state: "running.executing", startedAt: 2_000 } }), all, now);
  expect(at(5_000)).toEqual({ percent: 50, remainingMs: 3_000 });
  expect(at(60_000)).toEqual({ percent: 80, remainingMs: 2_000 });
});

test("a step that waits for its retry has all of its work before it", () => {
  const steps = told({ a: { state: "retrying", startedAt: 0 } });
  expect(computeForecast(steps, all, 1_500)).toEqual({ percent: 0, remainingMs: 8_000 });
});

test("few workers need longer than the longest chain", () => {
  expect(computeForecast(told({}), expectation(["a", "b", "c"], 1), 0).remainingMs).toBe(10_000);
});

test("a step that was never seen before is half done at no time", () => {
  const steps = told({ a: { state: "running.executing", startedAt: 0 } });
  expect(computeForecast(steps, expectation([]), 60_000)).toEqual({ percent: 0, remainingMs: null });
});

test("where a step that is left was never seen, no time is guessed", () => {
  expect(computeForecast(told({}), expectation(["a", "b"]), 0)).toEqual({ percent: 0, remainingMs: null });
  const c = { state: "skipped", startedAt: null };
  expect(computeForecast(told({ c }), expectation(["a", "b"]), 0).remainingMs).toBe(8_000);
});

test("only a run whose steps have all ended is done to 100 percent", () => {
  const done = { state: "succeeded", startedAt: 0 };
  const late = { state: "running.executing", startedAt: 0 };
  expect(computeForecast(told({ a: done, b: done, c: late }), all, 99_000).percent).toBe(99);
  expect(computeForecast(told({ a: done, b: done, c: done }), all, 99_000)).toEqual({ percent: 100, remainingMs: 0 });
});
