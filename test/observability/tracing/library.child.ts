/** A program that embeds Troupe and has functions that trace themselves. */
import { readFile } from "node:fs/promises";
import { context, trace } from "@opentelemetry/api";

export interface LibraryOrder {
  /** URL of the built library. */
  readonly library: string;
  /** `silent`: without `telemetry`. `own sdk`: the program had started an SDK before. */
  readonly kind: "traced" | "silent" | "own sdk";
}

const { library, kind } = JSON.parse(process.argv[2] ?? "") as LibraryOrder; // The test says so.
if (kind === "own sdk") {
  const { NodeSDK } = await import("@opentelemetry/sdk-node");
  new NodeSDK({ serviceName: "host", metricReaders: [], logRecordProcessors: [] }).start();
}
const { createTroupe } = (await import(library)) as typeof import("../../../src/main/index.ts"); // Built from there.

const troupe = await createTroupe({
  memory: true,
  ...(kind !== "silent" && { telemetry: {} }),
  functions: {
    async traced(_input, { traceparent }) {
      await readFile("functions.troupe.yaml"); // The context has to outlive a wait.
      trace.getTracer("function").startSpan("inside the function").end();
      return { traceparent, isWithin: traceparent.includes(trace.getSpan(context.active())?.spanContext().spanId ?? "nothing") };
    },
  },
});
const run = await troupe.run("functions.troupe.yaml");
const { state, output } = await run.result();
await troupe.stop();
process.stdout.write(JSON.stringify({ id: run.id, state, output }));
