import { expect, test } from "vitest";
import type { JsonObject } from "../core/json.ts";
import { derivedEvents } from "./derived-events.ts";
import type { EventView } from "./event-view.ts";

const ended = (usage: JsonObject | null, type = "step.succeeded"): EventView => ({
  seq: 7,
  id: "run_1:7",
  type,
  at: "2026-11-21T00:00:00.000Z",
  tenant: "default",
  runId: "run_1",
  stepId: "build[eu]",
  itemKey: "eu",
  attempt: 2,
  from: "running.executing",
  to: "succeeded",
  data: { attempt: 2, usage },
  traceId: "t",
  spanId: "s",
});

test.each([
  [{ cache: { hit: true, key: "k" } }, ["step.cached"]],
  [{ cache: { hit: false, key: "k" } }, []],
  [{ gate: { ok: true, passed: 3 } }, ["gate.passed"]],
  [{ gate: { ok: false, failed: 1 } }, ["gate.failed"]],
  [{ merge: { merged: true, conflicts: 0 } }, ["merge.merged"]],
  [{ merge: { merged: false, conflicts: 2 } }, ["merge.conflict"]],
  [{ merge: { merged: false, conflicts: 0 } }, []],
  [{ cache: { hit: true }, gate: { ok: true }, merge: { merged: true } }, ["step.cached", "gate.passed", "merge.merged"]],
  [{ cache: "odd", gate: null, merge: [1] }, []],
  [null, []],
])("the end of an attempt that used %j tells %j", (usage, types) => {
  expect(derivedEvents(ended(usage)).map(({ type }) => type)).toEqual(types);
});

test("they have the place of the entry that they are about, a name of their own, and what it told", () => {
  const [event] = derivedEvents(ended({ gate: { ok: false, failed: 1 } }, "step.retrying"));
  expect(event).toEqual({
    seq: 7,
    id: "run_1:7:gate.failed",
    type: "gate.failed",
    at: "2026-11-21T00:00:00.000Z",
    tenant: "default",
    runId: "run_1",
    stepId: "build[eu]",
    itemKey: "eu",
    attempt: 2,
    data: { ok: false, failed: 1 },
    traceId: "t",
    spanId: "s",
  });
});

test("nothing is derived from what the run itself does", () => {
  const { stepId: _, ...ofRun } = ended({ gate: { ok: true } });
  expect(derivedEvents(ofRun)).toEqual([]);
});
