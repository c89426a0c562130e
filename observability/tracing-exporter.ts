/** The exporter that was asked for, with a count of what arrived and what did not. */
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import type { OtlpProtocol, TracingSettings } from "./tracing-settings.ts";

export interface ExporterEvents {
  /** So many spans of ours have arrived, or (with a problem) have not. */
  readonly settled: (count: number, problem: string | null) => void;
  /** Time in which this thread could do nothing else. */
  readonly spent: (ms: number) => void;
  /** A line of the console exporter. */
  readonly print: (line: string) => void;
}

/** `scope` is the name under which our spans are made; functions of a workflow may make others. */
export async function openExporter({ exporter, protocol }: TracingSettings, scope: string, events: ExporterEvents): Promise<SpanExporter> {
  const inner = exporter === "console" ? toConsole(events.print) : await openOtlp(protocol);
  return {
    export(spans, done) {
      const ours = spans.filter(({ instrumentationScope }) => instrumentationScope.name === scope).length;
      const begin = performance.now();
      inner.export(spans, (result) => {
        events.settled(ours, result.code === 0 ? null : (result.error?.message ?? "no reason was given"));
        done(result);
      });
      events.spent(performance.now() - begin);
    },
    forceFlush: async () => inner.forceFlush?.(),
    shutdown: () => inner.shutdown(),
  };
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
