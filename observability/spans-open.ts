/** A span that has begun: it gathers what its entries tell until one of them ends it. */
import type { Anomaly } from "../src/ports/anomaly.ts";
import { ATTR } from "./semconv.ts";
import { anomalyEventOf, eventOf } from "./spans-attributes.ts";
import type { Entry } from "./spans-entry.ts";
import { type AttributeValue, EVENTS_MAX, type Span, type SpanEvent, type SpanLink, type SpanRole } from "./spans-shape.ts";

export interface SpanBeginning {
  readonly role: SpanRole;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly startedAt: number;
}

export class OpenSpan {
  readonly spanId: string;
  readonly startedAt: number;
  readonly attributes: Record<string, AttributeValue>;
  readonly links: SpanLink[] = [];
  readonly #beginning: SpanBeginning;
  readonly #events: SpanEvent[] = [];
  #droppedEvents = 0;

  constructor(beginning: SpanBeginning, attributes: Readonly<Record<string, AttributeValue>>) {
    this.#beginning = beginning;
    this.spanId = beginning.spanId;
    this.startedAt = beginning.startedAt;
    this.attributes = { ...attributes };
  }

  note(entry: Entry): void {
    this.#add(eventOf(entry));
  }

  noteAnomaly(anomaly: Anomaly): void {
    this.#add(anomalyEventOf(anomaly));
  }

  /** Takes over what a span has gathered that turned out never to have begun; the order is that of the journal. */
  absorb(other: OpenSpan): void {
    for (const event of other.#events) this.#add(event);
    this.#droppedEvents += other.#droppedEvents;
    this.#events.sort((one, another) => Number(one.attributes[ATTR.seq]) - Number(another.attributes[ATTR.seq]));
  }

  /** The span as it is; `endedAt` is null while it goes on. */
  toSpan(endedAt: number | null, error: string | null): Span {
    return {
      ...this.#beginning,
      endedAt,
      attributes: this.attributes,
      events: this.#events,
      droppedEvents: this.#droppedEvents,
      links: this.links,
      error,
    };
  }

  #add(event: SpanEvent): void {
    if (this.#events.length < EVENTS_MAX) this.#events.push(event);
    else this.#droppedEvents += 1;
  }
}
