/** Something that happened, as rules see it. */
import type { RunId, TenantId } from "../../core/ids.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Scope } from "../../expression/scope.ts";
import { scopeOf } from "../../expression/scope.ts";

export interface News {
  /** Unique in a store, and the same whenever it is read. */
  readonly key: string;
  /** A `NotifyEvent`, or `run.created` and what else only closes a thread. */
  readonly type: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly tenant: TenantId;
  readonly run: RunId | null;
  /** The workflow or the breaker's target: what throttling keeps apart. */
  readonly subject: string;
  /** Id of a step or item; null for the run itself. */
  readonly step: string | null;
  /** What it belongs to, for channels in which a later event acknowledges or resolves an earlier one. */
  readonly thread: string;
  /** Threads that it closes or takes up. */
  readonly closes: readonly string[];
  readonly acknowledges: readonly string[];
  /** What conditions and templates see: `event`, `run`, `step`, `error`, `breaker`, `what`, `next`. */
  readonly facts: JsonObject;
}

/** What a rule sees of news; `more` are names that only a message has. */
export function scopeOfFacts(facts: JsonObject, more: JsonObject = {}): Scope {
  return scopeOf({ event: null, run: null, step: null, error: null, breaker: null, link: null, count: 1, ...facts, ...more });
}
