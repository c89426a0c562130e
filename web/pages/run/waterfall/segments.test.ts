import { expect, test } from "vitest";
import type { EventView } from "../../../../src/contract/event-view.ts";
import { stepTimes } from "./segments.ts";

let seq = 0;
const event = (stepId: string, atMs: number, from: string, to: string, more: Partial<EventView> = {}): EventView => ({
  seq: ++seq,
  id: `run_1:${seq}`,
  type: "step.x",
  at: new Date(atMs).toISOString(),
  tenant: "default",
  runId: "run_1",
  stepId,
  from,
  to,
  data: {},
  traceId: "t",
  spanId: "s",
  ...more,
});

test("a step that is tried twice has queued, run, waited, queued and run", () => {
  const events = [
    event("build", 100, "pending.blocked", "pending.queued"),
    event("build", 110, "pending.queued", "running.executing", { attempt: 1 }),
    event("build", 130, "running.executing", "running.executing", { attempt: 1 }),
    event("build", 200, "running.executing", "retrying", { attempt: 1 }),
    event("build", 300, "retrying", "running.waiting"),
    event("build", 305, "running.waiting", "running.executing", { attempt: 2 }),
    event("build", 400, "running.executing", "succeeded", { attempt: 2 }),
  ];
  expect(stepTimes(events, 999)).toEqual([
    {
      id: "build",
      parent: null,
      state: "succeeded",
      segments: [
        { kind: "queue", from: 100, to: 110, attempt: null },
        { kind: "run", from: 110, to: 200, attempt: 1 },
        { kind: "retry", from: 200, to: 300, attempt: null },
        { kind: "queue", from: 300, to: 305, attempt: null },
        { kind: "run", from: 305, to: 400, attempt: 2 },
      ],
    },
  ]);
});

test("what goes on ends where the picture does, and an item belongs to its step", () => {
  const events = [event("deploy[eu%5B1%5D]", 0, "pending.queued", "running.executing", { attempt: 1, itemKey: "eu[1]" })];
  expect(stepTimes(events, 50)).toEqual([
    { id: "deploy[eu%5B1%5D]", parent: "deploy", state: "running.executing", segments: [{ kind: "run", from: 0, to: 50, attempt: 1 }] },
  ]);
});

test("a step that waits for a person is held, and the run's own events are no step's", () => {
  const { stepId: _, ...ofRun } = event("x", 0, "pending", "running.executing");
  const events = [ofRun, event("ask", 10, "running.executing", "running.parked"), event("ask", 30, "running.parked", "failed")];
  expect(stepTimes(events, 50).map(({ segments }) => segments)).toEqual([[{ kind: "held", from: 10, to: 30, attempt: null }]]);
});
