/** Spans as an OTLP/JSON request (`ExportTraceServiceRequest`), without any SDK. */
import type { JsonObject } from "../src/core/json.ts";
import { ATTR } from "./semconv.ts";
import { type Attributes, type AttributeValue, endNanos, type Span, toNanos } from "./spans-shape.ts";

/** `SpanKind` and `Status.Code` of the protocol. */
const KIND_INTERNAL = 1;
const KIND_SERVER = 2;
const STATUS_ERROR = 2;

/** All spans have ended. */
export function toOtlpJson(spans: readonly Span[], version: string): JsonObject {
  return {
    resourceSpans: [
      {
        resource: { attributes: toKeyValues({ [ATTR.serviceName]: "troupe", [ATTR.serviceVersion]: version }) },
        scopeSpans: [{ scope: { name: "troupe", version }, spans: spans.map(toOtlpSpan) }],
      },
    ],
  };
}

function toOtlpSpan(span: Span): JsonObject {
  const { traceId, spanId, parentSpanId, name, role, startedAt, attributes, events, droppedEvents, links, error } = span;
  return {
    traceId,
    spanId,
    ...(parentSpanId !== null && { parentSpanId }),
    name,
    kind: role === "run" ? KIND_SERVER : KIND_INTERNAL,
    startTimeUnixNano: String(toNanos(startedAt)),
    endTimeUnixNano: String(endNanos(span)),
    attributes: toKeyValues(attributes),
    events: events.map((event) => ({
      timeUnixNano: String(toNanos(event.at)),
      name: event.name,
      attributes: toKeyValues(event.attributes),
    })),
    ...(droppedEvents > 0 && { droppedEventsCount: droppedEvents }),
    links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId, attributes: toKeyValues(link.attributes) })),
    status: error === null ? {} : { code: STATUS_ERROR, message: error },
  };
}

function toKeyValues(attributes: Attributes): readonly JsonObject[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toAnyValue(value) }));
}

/** Integers of 64 bits are texts in protobuf's JSON. */
function toAnyValue(value: AttributeValue): JsonObject {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
