import { readFile } from "node:fs/promises";
import { trace } from "@opentelemetry/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runStart } from "../test/support/kernel-run.ts";
import { startTracingSdk, type TracingSdk } from "./tracing-sdk.ts";
import { readTracingSettings } from "./tracing-settings.ts";

const lines: string[] = [];
let sdk: TracingSdk;

beforeAll(async () => {
  const settings = readTracingSettings({ OTEL_TRACES_EXPORTER: "console" });
  if (settings === null) throw new Error("the console was asked for");
  const options = {
    settings,
    version: "1",
    failed: () => undefined,
    print: (line: string) => void lines.push(line),
    spent: () => undefined,
  };
  const started = await startTracingSdk(options);
  if (started === null) throw new Error("this process has no SDK of its own");
  sdk = started;
});

afterAll(() => sdk.close());

async function functionWithSpans(name: string): Promise<boolean> {
  await readFile(new URL(import.meta.url)); // The context has to outlive a wait.
  const span = trace.getTracer("function").startSpan(name);
  span.end();
  return span.isRecording() || (span.spanContext().traceFlags & 1) === 1;
}

test("a function of a run that is left out makes no spans, also after a wait, and the next one does", async () => {
  const spanId = "00000000000000aa";
  const [apart, within] = await Promise.all([
    sdk.apart(() => functionWithSpans("left out")),
    sdk.within(runStart(), spanId, () => functionWithSpans("followed")),
  ]);
  expect([apart, within, trace.getActiveSpan()]).toEqual([false, true, undefined]);
  await sdk.close();
  const names = lines.map((line) => JSON.parse(line) as { readonly name: string; readonly parentSpanId: string });
  expect(names.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([["followed", spanId]]);
});
