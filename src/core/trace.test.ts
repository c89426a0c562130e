import { describe, expect, test } from "vitest";
import type { RunId } from "./ids.ts";
import { attemptSpanId, derivedSpanId, parseTraceParent, runSpanId, stepSpanId, traceContext, traceIdOf } from "./trace.ts";

const runId = "run_0190" as RunId; // Any text is an id here.
const run = { runId, trace: null };

test("a run, its steps and their attempts have ids of their own, the same ones whoever asks", () => {
  const ids = [runSpanId(run), stepSpanId(run, "a"), stepSpanId(run, "b"), attemptSpanId(run, "a", 1), attemptSpanId(run, "a", 2)];
  ids.push(derivedSpanId(runSpanId(run), "part 2"), derivedSpanId(attemptSpanId(run, "a", 1), "process"));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(traceIdOf(run)).toMatch(/^[0-9a-f]{32}$/);
  expect([traceIdOf({ ...run }), runSpanId({ ...run })]).toEqual([traceIdOf(run), runSpanId(run)]);
});

test("a digest of the platform is used where the caller has one", () => {
  const asked: string[] = [];
  const digest = (text: string): string => {
    asked.push(text);
    return "0123456789abcdef".repeat(4);
  };
  expect(traceIdOf(run, digest)).toBe("0123456789abcdef".repeat(2));
  for (const id of [
    runSpanId(run, digest),
    stepSpanId(run, "a", digest),
    attemptSpanId(run, "a", 1, digest),
    derivedSpanId("of", "x", digest),
  ])
    expect(id).toBe("0123456789abcdef");
  expect(asked).toEqual(["trace run_0190", "span run_0190", "span run_0190 a", "span run_0190 a 1", "span of x"]);
});

test("a run that was started inside a trace belongs to it, and says so to what it starts", () => {
  const trace = parseTraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", "vendor=1");
  expect(trace).toEqual({
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    isSampled: false,
    state: "vendor=1",
  });
  expect(traceContext({ runId, trace }, "00000000000000aa")).toEqual({
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00000000000000aa-00",
    tracestate: "vendor=1",
  });
  expect(traceContext(run, "00000000000000aa").traceparent).toMatch(/^00-[0-9a-f]{32}-00000000000000aa-01$/);
});

describe("what is no traceparent is as good as none", () => {
  test.each([
    "",
    "nonsense",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
    "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
    "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
  ])("%j", (text) => {
    expect(parseTraceParent(text)).toBeNull();
  });
  test("but a later version may say more", () => {
    expect(parseTraceParent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more")).not.toBeNull();
  });
});
