import { expect, test } from "vitest";
import type { EventView } from "../../contract/event-view.ts";
import { eventLine, progressLine } from "./event-line.ts";
import { createLook } from "./look.ts";

function event(type: string, parts: Partial<EventView> = {}): EventView {
  const at = "2026-11-21T10:00:01.500Z";
  return {
    seq: 7,
    id: "",
    type,
    at,
    tenant: "default",
    runId: "",
    to: "running.executing",
    data: {},
    traceId: "0".repeat(32),
    spanId: "0".repeat(16),
    ...parts,
  };
}

const started = Date.parse("2026-11-21T10:00:00.000Z");
const look = createLook({ columns: 80, hasColour: false });
const line = (type: string, parts?: Partial<EventView>): string | null => progressLine(event(type, parts), started, look);
const failed = { attempt: 1, outcome: { kind: "failed", failure: { class: "transient", code: "X", title: "Exit\n code 75." } } };

test("what a person waits for is a line, and nothing else", () => {
  expect(line("run.started")).toBe("   +1.5 s ● run started");
  expect(line("step.started", { stepId: "a", attempt: 2 })).toBe("   +1.5 s ● a started (attempt 2)");
  expect(line("step.started", { stepId: "a", to: "running.waiting" })).toBeNull();
  expect(line("step.ready", { stepId: "a" })).toBeNull();
  expect(line("run.progress")).toBeNull();
  expect(line("run.waiting", { to: "running.waiting" })).toBeNull();
  expect(line("run.resumed", { from: "running.waiting" })).toBeNull();
  expect(line("run.resumed", { from: "running.paused" })).toBe("   +1.5 s ● run resumed");
});

test("a retry tells its reason and its delay, an end how long it took", () => {
  expect(line("step.retrying", { stepId: "a", to: "retrying", data: { ...failed, delayMs: 2_000 } })).toBe(
    "   +1.5 s ↻ a retrying, again in 2.0 s: Exit code 75.",
  );
  expect(line("step.succeeded", { stepId: "a", to: "succeeded", data: { usage: { startedAt: 0, endedAt: 250 } } })).toBe(
    "   +1.5 s ✔ a succeeded after 250 ms",
  );
});

test("an attempt that never began tells why, one that waits for its turn tells nothing", () => {
  const data = { reason: "The machine could not start it: EAGAIN." };
  expect(line("step.queued", { stepId: "a", attempt: 1, from: "running.executing", to: "running.waiting", data })).toBe(
    "   +1.5 s ● a not begun: The machine could not start it: EAGAIN.",
  );
  expect(line("step.queued", { stepId: "a", from: "pending.blocked", to: "pending.queued" })).toBeNull();
});

test("a result that is taken over is one line, one that a person gave another", () => {
  expect(line("step.cached", { stepId: "a" })).toBe("   +1.5 s ● a taken over");
  expect(line("step.succeeded", { stepId: "a", to: "succeeded" })).toBeNull();
  expect(line("step.succeeded", { stepId: "a", to: "succeeded", data: { by: "cli" } })).toBe("   +1.5 s ✔ a succeeded");
});

test("the journal shows every transition, with the state before where there is room", () => {
  const entry = event("step.failed", { stepId: "a", attempt: 1, from: "running.executing", to: "failed", data: failed });
  expect(eventLine(entry, look)).toBe("    7  10:00:01.500  step.failed        a                → failed  attempt 1  E…");
  expect(eventLine(entry, createLook({ columns: 120, hasColour: false }))).toBe(
    "    7  10:00:01.500  step.failed        a                running.executing → failed  attempt 1  Exit code 75.",
  );
});
