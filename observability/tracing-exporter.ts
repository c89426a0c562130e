/** The exporter that was asked for, with a count of what arrived and what did not. */
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import type { OtlpProtocol, TracingSettings } from "./tracing-settings.ts";

export interface CountingExporter extends SpanExporter {
  /** Spans that a collector has taken. */
  readonly delivered: number;
}

/** `failed` hears why spans were lost, at every loss. `print` gets the lines of the console exporter. */
export async function openExporter(
  { exporter, protocol }: TracingSettings,
  failed: (problem: string) => void,
  print: (line: string) => void,
): Promise<CountingExporter> {
  return counting(exporter === "console" ? toConsole(print) : await openOtlp(protocol), failed);
}

async function openOtlp(protocol: OtlpProtocol): Promise<SpanExporter> {
  switch (protocol) {
    case "http/json":
      return new (await import("@opentelemetry/exporter-trace-otlp-http")).OTLPTraceExporter();
    case "http/protobuf":
      return new (await import("@opentelemetry/exporter-trace-otlp-proto")).OTLPTraceExporter();
    case "grpc":
      return new (await import("@opentelemetry/exporter-trace-otlp-grpc")).OTLPTraceExporter();
  }
}

function counting(inner: SpanExporter, failed: (problem: string) => void): CountingExporter {
  let delivered = 0;
  return {
    get delivered() {
      return delivered;
    },
    export(spans, done) {
      inner.export(spans, (result) => {
        if (result.code === 0) delivered += spans.length;
        else failed(result.error?.message ?? "no reason was given");
        done(result);
      });
    },
    forceFlush: async () => inner.forceFlush?.(),
    shutdown: () => inner.shutdown(),
  };
}

/** The SDK's own writes objects to stdout, which is for data. */
function toConsole(print: (line: string) => void): SpanExporter {
  return {
    export(spans, done) {
      for (const span of spans) print(lineOf(span));
      done({ code: 0 });
    },
    shutdown: () => Promise.resolve(),
  };
}

function lineOf(span: ReadableSpan): string {
  const { name, attributes, status, parentSpanContext } = span;
  const { traceId, spanId } = span.spanContext();
  const [seconds, nanos] = span.duration;
  const durationMs = Math.round(seconds * 1_000 + nanos / 1_000_000);
  return JSON.stringify({ traceId, spanId, parentSpanId: parentSpanContext?.spanId ?? null, name, durationMs, status, attributes });
}
