/** A span of a run, made from its journal: the same that a collector gets. Times are epoch milliseconds. */
import type { JsonObject } from "../core/json.ts";

export interface SpanView {
  readonly role: "run" | "step" | "attempt" | "operation";
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Null for the root of its trace. */
  readonly parentSpanId: string | null;
  readonly startedAt: number;
  /** Null while it is open. */
  readonly endedAt: number | null;
  readonly attributes: JsonObject;
  readonly events: readonly { readonly name: string; readonly at: number; readonly attributes: JsonObject }[];
  /** Why it counts as an error; null where it does not. */
  readonly error: string | null;
}
