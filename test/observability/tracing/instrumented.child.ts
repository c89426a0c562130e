/** A command of somebody's that traces itself, by nothing but OpenTelemetry's own packages. */
import { context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { NodeSDK } from "@opentelemetry/sdk-node";

const sdk = new NodeSDK({ serviceName: "child", traceExporter: new OTLPTraceExporter(), metricReaders: [], logRecordProcessors: [] });
sdk.start();
const { TRACEPARENT: traceparent } = process.env;
const tracer = trace.getTracer("child");
context.with(propagation.extract(ROOT_CONTEXT, { traceparent }), () => {
  tracer.startActiveSpan("child work", (span) => {
    tracer.startSpan("child detail").end();
    span.end();
  });
});
await sdk.shutdown();
