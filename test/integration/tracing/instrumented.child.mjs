// A command of somebody's that traces itself, by nothing but OpenTelemetry's own packages.
import { context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { NodeSDK } from "@opentelemetry/sdk-node";

const sdk = new NodeSDK({ serviceName: "child", traceExporter: new OTLPTraceExporter(), metricReaders: [], logRecordProcessors: [] });
sdk.start();
const { TRACEPARENT: traceparent, TRACESTATE: tracestate } = process.env;
const above = propagation.extract(ROOT_CONTEXT, { traceparent, ...(tracestate !== undefined && { tracestate }) });
context.with(above, () => {
  trace.getTracer("child").startActiveSpan("child work", (span) => {
    trace.getTracer("child").startSpan("child detail").end();
    span.end();
  });
});
await sdk.shutdown();
