import { expect, test } from "vitest";
import type { RunSummary } from "../../../src/contract/run-summary.ts";
import { remainingMs, usualDurations } from "./eta.ts";

const run = (differs: Partial<RunSummary>): RunSummary => ({
  id: "run_1",
  workflow: "w",
  state: "running.executing",
  createdAt: 0,
  startedAt: 0,
  endedAt: null,
  durationMs: null,
  costUsd: 0,
  progress: { done: 1, total: 4, percent: 25 },
  parent: null,
  ...differs,
});
const ended = (durationMs: number, differs: Partial<RunSummary> = {}) => run({ state: "succeeded", durationMs, ...differs });

test("a run takes as long as the runs of its workflow that succeeded", () => {
  const usual = usualDurations([ended(900), ended(1_000), ended(9_000), ended(5, { state: "failed" }), ended(5, { workflow: "other" })]);
  expect(remainingMs(run({}), usual, 400)).toBe(600);
});

test("without such runs, or when it takes longer than they did, its progress says it", () => {
  expect(remainingMs(run({}), new Map(), 400)).toBe(1_200);
  expect(remainingMs(run({}), new Map([["w", 300]]), 400)).toBe(1_200);
});

test.each([{ startedAt: null }, { state: "failed" }, { state: "running.waiting" }, { progress: { done: 0, total: 4, percent: 0 } }])(
  "nothing is said of %j",
  (differs) => {
    expect(remainingMs(run(differs), new Map(), 400)).toBeNull();
  },
);
