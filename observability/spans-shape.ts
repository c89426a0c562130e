/** A span as plain data: what the exporter and `troupe trace` are both fed with. Times are epoch milliseconds, as in the journal. */
export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** One transition. Its name is the entry's type. */
export interface SpanEvent {
  readonly name: string;
  readonly at: number;
  readonly attributes: Attributes;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}

/** `operation`: something that an attempt did, such as a process. */
export type SpanRole = "run" | "step" | "attempt" | "operation";

export interface Span {
  readonly role: SpanRole;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Null for the root of its trace. */
  readonly parentSpanId: string | null;
  readonly startedAt: number;
  /** Null while it is open. */
  readonly endedAt: number | null;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly droppedEvents: number;
  readonly links: readonly SpanLink[];
  /** Why it counts as an error; null where it does not. */
  readonly error: string | null;
}

const NANOS_PER_MS = 1_000_000n;

export function toNanos(at: number): bigint {
  return BigInt(Math.round(at)) * NANOS_PER_MS;
}

/** A span without length, such as that of a skipped step, gets the shortest one there is: Jaeger takes none for a broken clock, and says so. */
export function endNanos({ startedAt, endedAt }: Pick<Span, "startedAt" | "endedAt">): bigint {
  return endedAt === null || endedAt <= startedAt ? toNanos(startedAt) + 1n : toNanos(endedAt);
}

/** Longest text of an attribute or an error; what is cut ends in `…`. */
const TEXT_CHARS_MAX = 500;
/** Events that one span holds. What comes after is counted. */
export const EVENTS_MAX = 1_000;

export function bounded(text: string, maxChars = TEXT_CHARS_MAX): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1)}…`;
}
