import { expect, test } from "vitest";
import { chartOf, MACHINES } from "../../../../observability/inspector/chart.ts";
import type { EventView } from "../../../../src/contract/event-view.ts";
import { trafficOf } from "./traffic-of.ts";

const chart = chartOf(MACHINES.step);
const MOVES = [
  ["step.ready", "pending.blocked", "pending.queued"],
  ["step.started", "pending.queued", "running.executing"],
  ["step.progress", "running.executing", "running.executing"],
  ["step.retrying", "running.executing", "retrying"],
  ["step.queued", "retrying", "running.waiting"],
  ["attempt.started", "running.waiting", "running.executing"],
  ["step.succeeded", "running.executing", "succeeded"],
] as const;
const events = MOVES.map(
  ([type, from, to], index): EventView => ({
    seq: index + 1,
    id: `run_1:${index + 1}`,
    type,
    at: "2026-11-21T00:00:00.000Z",
    tenant: "default",
    runId: "run_1",
    stepId: "build",
    from,
    to,
    data: {},
    traceId: "t",
    spanId: "s",
  }),
);

test("the ways that a retried step took are those of its statechart", () => {
  const { edges, rows, last } = trafficOf(events, chart, "build", null);
  expect([...edges.keys()]).toEqual([
    "pending.blocked step.ready pending.queued",
    "pending.queued attempt.start running.executing",
    "running attempt.failed retrying",
    "retrying xstate.after.backoff.step-v1.retrying running.waiting",
    "running.waiting attempt.start running.executing",
    "running attempt.succeeded succeeded",
  ]);
  expect([...rows].filter(([row]) => row.includes("progress"))).toHaveLength(1);
  expect(last?.edge).toBe("running attempt.succeeded succeeded");
});

test("before a moment only what had happened is taken, and other actors' ways are theirs", () => {
  expect(trafficOf(events, chart, "build", 2).edges.size).toBe(2);
  expect(trafficOf(events, chart, "lint", null)).toEqual({ rows: new Map(), edges: new Map(), last: null });
});
