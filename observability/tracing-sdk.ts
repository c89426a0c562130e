/** Starts OpenTelemetry's SDK and puts our spans through it. The only module that loads it: some 300 ms that nobody pays who did not ask. */
import { AsyncResource } from "node:async_hooks";
import {
  type Context,
  context,
  createTraceState,
  DiagLogLevel,
  diag,
  type HrTime,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { defaultResource, envDetector, hostDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { NodeSDK } from "@opentelemetry/sdk-node";
import type { TracedRun } from "../src/core/trace.ts";
import { ATTR } from "./semconv.ts";
import { traceIdOf } from "./spans-ids.ts";
import { EVENTS_MAX, endNanos, type Span } from "./spans-shape.ts";
import { openExporter } from "./tracing-exporter.ts";
import { createIds, type Ids } from "./tracing-ids.ts";
import { createOutbox } from "./tracing-outbox.ts";
import type { TracingSettings } from "./tracing-settings.ts";

export interface TracingSdk {
  /** What the sampler says of a run; its spans then all have the same fate. */
  samples(run: TracedRun): boolean;
  /** Hands over a span that has ended. Its run was sampled. */
  emit(run: TracedRun, span: Span): void;
  /** Does some work in the context of a span. */
  within<TAnswer>(run: TracedRun, spanId: string, work: () => TAnswer): TAnswer;
  /** Does some work whose spans nobody wants. */
  apart<TAnswer>(work: () => TAnswer): TAnswer;
  /** Sends what is left, within `FLUSH_MAX_MS`; answers with the number of spans that no collector has taken. */
  close(): Promise<number>;
}

export interface TracingSdkOptions {
  readonly settings: TracingSettings;
  readonly version: string;
  readonly failed: (problem: string) => void;
  readonly print: (line: string) => void;
  /** Time that the exporter took from this thread. */
  readonly spent: (ms: number) => void;
}

/** An end of the process waits this long for a collector. */
const FLUSH_MAX_MS = 2_000;
const SCOPE = "troupe";
/** Below a parent that was not sampled; the same for all, since making ids costs more than a step that does nothing. */
const APART = trace.setSpanContext(ROOT_CONTEXT, {
  traceId: "f".repeat(32),
  spanId: "f".repeat(16),
  traceFlags: 0,
  isRemote: true,
});

/** Null when the program around us has an SDK of its own: two cannot share one process. */
export async function startTracingSdk({ settings, version, failed, print, spent }: TracingSdkOptions): Promise<TracingSdk | null> {
  if (isTakenByOthers()) return null;
  const ids = createIds();
  let delivered = 0;
  let emitted = 0;
  const outbox = createOutbox({ send: (run, span) => startAndEnd(tracer, ids, run, span), inFlightMax: settings.queueMax });
  const exporter = await openExporter(settings, SCOPE, {
    print,
    spent,
    settled(count, problem) {
      if (problem === null) delivered += count;
      else failed(problem);
      outbox.settled(count);
    },
  });
  using _log = logToStderr(print);
  const sdk = new NodeSDK({
    traceExporter: exporter,
    resource: defaultResource().merge(resourceFromAttributes({ [ATTR.serviceName]: SCOPE, [ATTR.serviceVersion]: version })),
    // The default set puts the arguments of the command line, which may hold secrets, into every resource.
    resourceDetectors: [envDetector, hostDetector],
    metricReaders: [],
    logRecordProcessors: [],
    idGenerator: ids,
    ...(!settings.limitsEvents && { spanLimits: { eventCountLimit: EVENTS_MAX } }),
  });
  sdk.start();
  const tracer = trace.getTracer(SCOPE, version);
  // Entered once, and then gone back to: 0.02 µs an attempt instead of 0.3 for a context of its own.
  const apart = context.with(APART, () => new AsyncResource("TROUPE_APART"));
  return {
    samples: (run) => asksSampler(tracer, ids, run),
    emit(run, span) {
      emitted += 1;
      outbox.put(run, span);
    },
    within: (run, spanId, work) => context.with(below(run, traceIdOf(run), spanId, true), work),
    apart: (work) => apart.runInAsyncScope(work),
    async close() {
      // With the collector down this rejects; what did not arrive is counted below.
      await within(
        FLUSH_MAX_MS,
        outbox.empty().then(() => sdk.shutdown().catch(() => {})),
      );
      return emitted - delivered;
    },
  };
}

/** Never exported: it only asks the sampler. */
function asksSampler(tracer: Tracer, ids: Ids, run: TracedRun): boolean {
  const { trace: from } = run;
  const traceId = traceIdOf(run);
  const above = from === null ? ROOT_CONTEXT : below(run, traceId, from.spanId, from.isSampled);
  const probe = ids.forced({ traceId, spanId: "00000000000000ff" }, () => tracer.startSpan("troupe.run", {}, above));
  return (probe.spanContext().traceFlags & 1) === 1;
}

/** A span that has ended is told to the SDK all at once. False when it was not recorded. */
function startAndEnd(tracer: Tracer, ids: Ids, run: TracedRun, span: Span): boolean {
  const { name, role, startedAt, traceId, spanId, parentSpanId, attributes, events, links, error } = span;
  const options = {
    // A run is what the CI/CD conventions call a server span: something asked for it from outside.
    kind: role === "run" ? SpanKind.SERVER : SpanKind.INTERNAL,
    startTime: startedAt,
    attributes: { ...attributes },
    links: links.map((link) => ({
      context: { traceId: link.traceId, spanId: link.spanId, traceFlags: 1 },
      attributes: { ...link.attributes },
    })),
  };
  const above = parentSpanId === null ? ROOT_CONTEXT : below(run, traceId, parentSpanId, role !== "run" || run.trace?.isSampled === true);
  const begun = ids.forced({ traceId, spanId }, () => tracer.startSpan(name, options, above));
  for (const { name: event, at, attributes: told } of events) begun.addEvent(event, { ...told }, at);
  if (error !== null) begun.setStatus({ code: SpanStatusCode.ERROR, message: error });
  const isRecorded = begun.isRecording();
  begun.end(toHrTime(endNanos(span)));
  return isRecorded;
}

const NANOS_PER_S = 1_000_000_000n;

function toHrTime(nanos: bigint): HrTime {
  return [Number(nanos / NANOS_PER_S), Number(nanos % NANOS_PER_S)];
}

function below(run: TracedRun, traceId: string, spanId: string, isSampled: boolean): Context {
  const state = run.trace === null || run.trace.state === "" ? {} : { traceState: createTraceState(run.trace.state) };
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: isSampled ? 1 : 0, isRemote: true, ...state });
}

/** The SDK would write its own log to stdout, which is for data; so it must not see that there is to be one while it is made. */
function logToStderr(print: (line: string) => void): Disposable {
  const { OTEL_LOG_LEVEL: asked } = process.env;
  if (asked === undefined) return { [Symbol.dispose]: () => {} };
  const logLevel = DiagLogLevel[asked.toUpperCase() as keyof typeof DiagLogLevel] ?? DiagLogLevel.INFO; // Another text is no level.
  const say = (...parts: readonly unknown[]): void => print(`opentelemetry: ${parts.map(String).join(" ")}`);
  diag.setLogger({ error: say, warn: say, info: say, debug: say, verbose: say }, { logLevel, suppressOverrideMessage: true });
  delete process.env.OTEL_LOG_LEVEL;
  return {
    [Symbol.dispose]() {
      process.env.OTEL_LOG_LEVEL = asked;
    },
  };
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
