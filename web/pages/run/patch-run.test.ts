import { expect, test } from "vitest";
import type { EventView } from "../../../src/contract/event-view.ts";
import type { RunView, StepView } from "../../../src/contract/run-view.ts";
import { patchRun, rewind, statesAt } from "./patch-run.ts";

const stepView = (id: string, differs: Partial<StepView> = {}): StepView => ({
  id,
  itemKey: null,
  type: "shell",
  title: null,
  state: "pending",
  detail: "pending.blocked",
  attempts: 0,
  output: null,
  error: null,
  skippedBecause: null,
  quarantinedBecause: null,
  lateResult: null,
  cached: false,
  tool: null,
  startedAt: null,
  endedAt: null,
  durationMs: null,
  workMs: null,
  costUsd: 0,
  dueAt: null,
  ...differs,
});
const runView = (differs: Partial<RunView> = {}): RunView => ({
  id: "run_1",
  workflow: "w",
  definitionHash: "h",
  tenant: "default",
  priority: 3,
  state: "running",
  detail: "running.executing",
  input: null,
  output: null,
  error: null,
  createdAt: 0,
  startedAt: 0,
  endedAt: null,
  durationMs: null,
  costUsd: 0,
  waitingFor: null,
  parent: null,
  progress: { done: 0, total: 2, percent: 0 },
  steps: [stepView("a"), stepView("b")],
  ...differs,
});
const event = (seq: number, stepId: string | null, to: string, more: Partial<EventView> = {}): EventView => ({
  seq,
  id: `run_1:${seq}`,
  type: "step.x",
  at: new Date(seq * 1_000).toISOString(),
  tenant: "default",
  runId: "run_1",
  ...(stepId !== null && { stepId }),
  to,
  data: {},
  traceId: "t",
  spanId: "s",
  ...more,
});
const EVENTS = [
  event(1, null, "pending", { type: "run.created" }),
  event(2, null, "running.executing", { type: "run.started" }),
  event(3, "a", "pending.queued"),
  event(4, "a", "running.executing", { attempt: 1 }),
  event(5, "a", "retrying", { attempt: 1 }),
  event(6, "a", "running.executing", { attempt: 2 }),
  event(7, "a", "succeeded", { attempt: 2 }),
  event(8, null, "running.executing", { type: "run.progress", data: { progress: { done: 1, total: 2, percent: 50 } } }),
  event(9, null, "failed", { type: "run.failed" }),
];

test("events move the run and its steps", () => {
  const run = patchRun(runView(), EVENTS);
  expect(run).toMatchObject({ state: "failed", startedAt: 2_000, endedAt: 9_000, progress: { percent: 50 } });
  expect(run.steps[0]).toMatchObject({ state: "succeeded", attempts: 2, startedAt: 4_000, endedAt: 7_000 });
  expect(run.steps[1]).toEqual(stepView("b"));
});

test("an answer that is newer than an event is not taken back by it", () => {
  const run = runView({
    state: "failed",
    detail: "failed",
    endedAt: 9_000,
    steps: [stepView("a", { state: "succeeded", endedAt: 7_000 })],
  });
  expect(patchRun(run, EVENTS)).toMatchObject({ state: "failed", steps: [{ state: "succeeded" }] });
});

test("steps that did not move stay the same objects, so that they are not drawn anew", () => {
  const run = runView();
  const next = patchRun(run, EVENTS.slice(2, 4));
  expect(next.steps[1]).toBe(run.steps[1]);
  expect(patchRun(run, [event(3, "nobody", "running")])).toBe(run);
});

test("at any moment each actor is where its last event until then led it", () => {
  expect(Object.fromEntries(statesAt(EVENTS, 5))).toEqual({ run: "running.executing", a: "retrying" });
});

test("a run that has ended is as it was then", () => {
  const ended = patchRun(runView(), EVENTS);
  expect(rewind(ended, EVENTS, 4)).toMatchObject({
    state: "running",
    endedAt: null,
    steps: [{ state: "running", attempts: 1, endedAt: null }, { state: "pending" }],
  });
});
