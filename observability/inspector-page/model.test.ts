import { describe, expect, test } from "vitest";
import { chartOf, MACHINES } from "../inspector/chart.ts";
import type { RunDetail, WireEntry } from "../inspector/message.ts";
import { addEntries, type RunModel, statesAt, trafficOf } from "./model.ts";

const chart = chartOf(MACHINES.step);
const moves: readonly (readonly [actor: string, on: string, from: string, to: string])[] = [
  ["build", "step.ready", "pending.blocked", "pending.queued"],
  ["build", "attempt.start", "pending.queued", "running.executing"],
  ["build", "attempt.progress", "running.executing", "running.executing"],
  ["build", "attempt.failed", "running.executing", "retrying"],
  ["build", "xstate.after.backoff.step-v1.retrying", "retrying", "running.waiting"],
  ["build", "attempt.start", "running.waiting", "running.executing"],
  ["lint", "step.ready", "pending.blocked", "pending.queued"],
];
const entries = moves.map(
  ([actor, on, from, to], index): WireEntry => ({ seq: index + 1, at: 1_000 + index, actor, type: "step.x", on, from, to }),
);

function modelOf(detail: Partial<RunDetail> = {}): RunModel {
  const line = { id: "run_1", workflow: "w", state: "running.executing", createdAt: 0, endedAt: null };
  const base = { seq: 0, states: {}, counts: [] };
  return { detail: { line, steps: [], present: { seq: 7, states: { build: "running.executing" } }, base, ...detail }, entries: [] };
}

describe("what is known of a run", () => {
  test("is the present that was told until the history has come", () => {
    const run = modelOf();
    expect(statesAt(run, null).get("build")).toBe("running.executing");
    addEntries(run, entries.slice(0, 1));
    expect(statesAt(run, null).get("build")).toBe("running.executing");
    addEntries(run, entries.slice(1));
    expect(Object.fromEntries(statesAt(run, null))).toEqual({ build: "running.executing", lint: "pending.queued" });
  });

  test("is the state after the entry that is looked at", () => {
    const run = modelOf();
    addEntries(run, entries);
    expect([1, 2, 4, 5].map((seq) => statesAt(run, seq).get("build"))).toEqual([
      "pending.queued",
      "running.executing",
      "retrying",
      "running.waiting",
    ]);
    expect(statesAt(run, 6).has("lint")).toBe(false);
  });

  test("takes no entry twice", () => {
    const run = modelOf();
    addEntries(run, entries.slice(0, 4));
    addEntries(run, entries);
    expect(run.entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});

describe("the traffic of an actor", () => {
  test("counts each edge and each event at the state that answered it", () => {
    const run = modelOf();
    addEntries(run, entries);
    const { rows, edges, last } = trafficOf(run, chart, "build", null);
    expect(Object.fromEntries(edges)).toEqual({
      "pending.blocked step.ready pending.queued": 1,
      "pending.queued attempt.start running.executing": 1,
      // The state around it answers what it does not answer itself.
      "running attempt.failed retrying": 1,
      "retrying xstate.after.backoff.step-v1.retrying running.waiting": 1,
      "running.waiting attempt.start running.executing": 1,
    });
    expect(rows.get("running.executing attempt.progress")).toBe(1);
    expect(last?.edge).toBe("running.waiting attempt.start running.executing");
  });

  test("ends at the moment that is looked at", () => {
    const run = modelOf();
    addEntries(run, entries);
    expect(trafficOf(run, chart, "build", 4)).toMatchObject({ last: { edge: "running attempt.failed retrying" } });
    expect(trafficOf(run, chart, "build", 4).edges.size).toBe(3);
  });

  test("includes what lay before the oldest entry", () => {
    const count = { actor: "build", on: "attempt.failed", from: "running.executing", to: "retrying", count: 41 };
    const run = modelOf({ base: { seq: 3, states: { build: "running.executing" }, counts: [count] } });
    addEntries(run, entries.slice(3));
    expect(trafficOf(run, chart, "build", null).edges.get("running attempt.failed retrying")).toBe(42);
  });
});
