// A program that embeds Troupe and has functions that trace themselves.
import { context, trace } from "@opentelemetry/api";

const { library, order } = JSON.parse(process.argv[2]);
if (order === "own sdk") {
  const { NodeSDK } = await import("@opentelemetry/sdk-node");
  new NodeSDK({ serviceName: "host", metricReaders: [], logRecordProcessors: [] }).start();
}
const { createTroupe } = await import(library);

const troupe = await createTroupe({
  memory: true,
  ...(order !== "silent" && { telemetry: {} }),
  functions: {
    async traced(_, { traceparent }) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const span = trace.getTracer("function").startSpan("inside the function");
      span.end();
      return { traceparent, isWithin: traceparent.includes(trace.getSpan(context.active())?.spanContext().spanId ?? "nothing") };
    },
  },
});
const run = await troupe.run("functions.troupe.yaml");
const { state, output } = await run.result();
await troupe.stop();
process.stdout.write(JSON.stringify({ id: run.id, state, output }));
