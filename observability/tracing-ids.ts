/** Ids for the SDK's spans: those that were computed for ours, random ones for the spans of functions. */
import type { IdGenerator } from "@opentelemetry/sdk-trace";

export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

export interface Ids extends IdGenerator {
  /** Whatever starts meanwhile gets these ids. */
  forced<TAnswer>(ids: SpanIds, start: () => TAnswer): TAnswer;
}

export function createIds(): Ids {
  // The SDK asks for the span's id before the trace's, so neither may be used up by being asked for.
  let next: SpanIds | null = null;
  return {
    generateTraceId: () => next?.traceId ?? random(16),
    generateSpanId: () => next?.spanId ?? random(8),
    forced(ids, start) {
      next = ids;
      try {
        return start();
      } finally {
        next = null;
      }
    },
  };
}

function random(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
}
