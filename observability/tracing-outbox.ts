/**
 * Spans on their way to the SDK. Its queue drops what comes too fast, such as all the spans of a long run that was resumed; so no more are
 * handed over than it holds, and the others wait here, within bounds of their own.
 */
import type { TracedRun } from "../src/core/trace.ts";
import type { Span } from "./spans-shape.ts";

export interface OutboxOptions {
  /** Hands a span to the SDK. False when nothing will be heard of it again. */
  readonly send: (run: TracedRun, span: Span) => boolean;
  /** Spans that the SDK may hold. */
  readonly inFlightMax: number;
  /** Spans and events that may wait here. */
  readonly weightMax?: number;
}

export interface Outbox {
  put(run: TracedRun, span: Span): void;
  /** So many spans have left the SDK, wherever to. */
  settled(count: number): void;
  /** Resolves when nothing waits here any more. */
  empty(): Promise<void>;
  /** Spans that found no room, or still wait. */
  readonly unsent: number;
}

/** Some ten megabytes. */
const WEIGHT_MAX_DEFAULT = 50_000;

export function createOutbox({ send, inFlightMax, weightMax = WEIGHT_MAX_DEFAULT }: OutboxOptions): Outbox {
  let waiting: (readonly [run: TracedRun, span: Span])[] = [];
  let weight = 0;
  let inFlight = 0;
  let dropped = 0;
  let whenEmpty: (() => void)[] = [];

  function pump(): void {
    let next = 0;
    for (const [run, span] of waiting) {
      if (inFlight >= inFlightMax) break;
      next += 1;
      weight -= weightOf(span);
      if (send(run, span)) inFlight += 1;
    }
    if (next > 0) waiting = waiting.slice(next);
    if (waiting.length > 0) return;
    for (const resolve of whenEmpty) resolve();
    whenEmpty = [];
  }

  return {
    put(run, span) {
      if (weight + weightOf(span) > weightMax) {
        dropped += 1;
        return;
      }
      weight += weightOf(span);
      waiting.push([run, span]);
      if (waiting.length === 1) pump();
    },
    settled(count) {
      inFlight -= count;
      pump();
    },
    empty: () => (waiting.length === 0 ? Promise.resolve() : new Promise((resolve) => whenEmpty.push(resolve))),
    get unsent() {
      return dropped + waiting.length;
    },
  };
}

function weightOf({ events }: Span): number {
  return 1 + events.length;
}
