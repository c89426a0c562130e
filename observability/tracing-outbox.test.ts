import { expect, test } from "vitest";
import type { RunId } from "../src/core/ids.ts";
import type { Span } from "./spans-shape.ts";
import { createOutbox } from "./tracing-outbox.ts";

const run = { runId: "run_1" as RunId, trace: null }; // Any text is an id here.

function span(name: string, events = 0): Span {
  const event = { name: "step.progress", at: 0, attributes: {} };
  return {
    role: "step",
    name,
    traceId: "",
    spanId: "",
    parentSpanId: null,
    startedAt: 0,
    endedAt: 1,
    attributes: {},
    events: Array.from({ length: events }, () => event),
    droppedEvents: 0,
    links: [],
    error: null,
  };
}

function open(limits: { readonly inFlightMax: number; readonly weightMax?: number; readonly isRecorded?: boolean }) {
  const sent: string[] = [];
  const outbox = createOutbox({
    send: (_, { name }) => {
      sent.push(name);
      return limits.isRecorded ?? true;
    },
    ...limits,
  });
  return { sent, outbox };
}

test("no more spans are handed over than the SDK holds, and the others follow in order as those leave it", async () => {
  const { sent, outbox } = open({ inFlightMax: 2 });
  for (const name of ["a", "b", "c", "d", "e"]) outbox.put(run, span(name));
  expect(sent).toEqual(["a", "b"]);
  outbox.settled(1);
  expect(sent).toEqual(["a", "b", "c"]);
  expect(outbox.unsent).toBe(2);
  const emptied = outbox.empty();
  outbox.settled(3);
  expect(sent).toEqual(["a", "b", "c", "d", "e"]);
  await emptied;
  await outbox.empty();
  expect(outbox.unsent).toBe(0);
});

test("what waits is bounded by its spans and their events, and what finds no room is counted", () => {
  const { sent, outbox } = open({ inFlightMax: 1, weightMax: 10 });
  outbox.put(run, span("a", 5));
  outbox.put(run, span("b", 8));
  outbox.put(run, span("c", 3));
  outbox.put(run, span("d"));
  expect(sent).toEqual(["a"]);
  expect(outbox.unsent).toBe(3);
  outbox.settled(1);
  outbox.settled(1);
  expect(sent).toEqual(["a", "b", "d"]);
  expect(outbox.unsent).toBe(1);
});

test("a span that is not recorded takes no room", () => {
  const { sent, outbox } = open({ inFlightMax: 1, isRecorded: false });
  outbox.put(run, span("a"));
  outbox.put(run, span("b"));
  expect(sent).toEqual(["a", "b"]);
});
