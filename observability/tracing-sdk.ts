/** Starts OpenTelemetry's SDK and puts our spans through it. The only module that loads it: 200 ms that nobody pays who did not ask. */
import {
  type Context,
  context,
  createTraceState,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { defaultResource, envDetector, hostDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { NodeSDK } from "@opentelemetry/sdk-node";
import type { IdGenerator } from "@opentelemetry/sdk-trace";
import { type TracedRun, traceIdOf } from "../src/core/trace.ts";
import { ATTR } from "./semconv.ts";
import { EVENTS_MAX, type Span } from "./spans-shape.ts";
import { openExporter } from "./tracing-exporter.ts";
import type { TracingSettings } from "./tracing-settings.ts";

export interface TracingSdk {
  /** What the sampler says of a run; its spans then all have the same fate. */
  samples(run: TracedRun, traceId: string): boolean;
  /** Hands over a span that has ended. Its run was sampled. */
  emit(run: TracedRun, span: Span): void;
  /** Does some work in the context of a span. */
  within<TAnswer>(run: TracedRun, spanId: string, isSampled: boolean, work: () => TAnswer): TAnswer;
  /** Sends what is left, within `FLUSH_MAX_MS`; answers with the number of spans that no collector has taken. */
  close(): Promise<number>;
}

export interface TracingSdkOptions {
  readonly settings: TracingSettings;
  readonly version: string;
  readonly failed: (problem: string) => void;
  readonly print: (line: string) => void;
}

/** An end of the process waits this long for a collector. */
const FLUSH_MAX_MS = 2_000;
const SCOPE = "troupe";

/** Null when the program around us has an SDK of its own: two cannot share one process. */
export async function startTracingSdk({ settings, version, failed, print }: TracingSdkOptions): Promise<TracingSdk | null> {
  if (isTakenByOthers()) return null;
  const exporter = await openExporter(settings, failed, print);
  const ids = createIds();
  const sdk = new NodeSDK({
    traceExporter: exporter,
    resource: defaultResource().merge(resourceFromAttributes({ [ATTR.serviceName]: SCOPE, [ATTR.serviceVersion]: version })),
    // The default set puts the arguments of the command line, which may hold secrets, into every resource.
    resourceDetectors: [envDetector, hostDetector],
    metricReaders: [],
    logRecordProcessors: [],
    idGenerator: ids,
    ...(process.env.OTEL_SPAN_EVENT_COUNT_LIMIT === undefined && { spanLimits: { eventCountLimit: EVENTS_MAX } }),
  });
  sdk.start();
  const tracer = trace.getTracer(SCOPE, version);
  let emitted = 0;
  return {
    samples(run, traceId) {
      ids.next = { traceId, spanId: PROBE_SPAN_ID };
      const { trace: from } = run;
      const above = from === null ? ROOT_CONTEXT : parentOf(run, traceId, from.spanId, from.isSampled);
      const probe = tracer.startSpan("troupe.run", {}, above);
      ids.next = null;
      return (probe.spanContext().traceFlags & 1) === 1;
    },
    emit(run, span) {
      const { name, role, startedAt, traceId, spanId, parentSpanId, attributes, events, links, error } = span;
      ids.next = { traceId, spanId };
      const begun = tracer.startSpan(
        name,
        {
          // A run is what the CI/CD conventions call a server span: something asked for it from outside.
          kind: role === "run" ? SpanKind.SERVER : SpanKind.INTERNAL,
          startTime: startedAt,
          attributes: { ...attributes },
          links: links.map((link) => ({
            context: { traceId: link.traceId, spanId: link.spanId, traceFlags: 1 },
            attributes: { ...link.attributes },
          })),
        },
        parentSpanId === null ? ROOT_CONTEXT : parentOf(run, traceId, parentSpanId, role !== "run" || run.trace?.isSampled === true),
      );
      ids.next = null;
      for (const { name: event, at, attributes: told } of events) begun.addEvent(event, { ...told }, at);
      if (error !== null) begun.setStatus({ code: SpanStatusCode.ERROR, message: error });
      begun.end(span.endedAt ?? startedAt);
      emitted += 1;
    },
    within: (run, spanId, isSampled, work) => context.with(parentOf(run, traceIdOf(run), spanId, isSampled), work),
    async close() {
      // With the collector down this rejects; what did not arrive is counted below.
      await within(
        FLUSH_MAX_MS,
        sdk.shutdown().catch(() => {}),
      );
      return Math.max(0, emitted - exporter.delivered);
    },
  };
}

/** Never exported: it only asks the sampler. */
const PROBE_SPAN_ID = "00000000000000ff";

function parentOf({ trace: from }: TracedRun, traceId: string, spanId: string, isSampled: boolean): Context {
  const state = from === null || from.state === "" ? {} : { traceState: createTraceState(from.state) };
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: isSampled ? 1 : 0, isRemote: true, ...state });
}

interface Ids extends IdGenerator {
  /** What the span that starts next is to be called; null for a random name. The SDK asks for the span's id before the trace's. */
  next: { readonly traceId: string; readonly spanId: string } | null;
}

function createIds(): Ids {
  const random = (bytes: number): string => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
  const ids: Ids = {
    next: null,
    generateTraceId: () => ids.next?.traceId ?? random(16),
    generateSpanId: () => ids.next?.spanId ?? random(8),
  };
  return ids;
}

function isTakenByOthers(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegate() !== new ProxyTracerProvider().getDelegate();
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, over]);
  clearTimeout(timer);
}
