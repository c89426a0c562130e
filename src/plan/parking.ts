/** What a step waits for once its attempt has done its part: it holds no place and no process meanwhile, and an answer settles it. */
import type { Stored } from "../core/blob.ts";
import type { TaskFailure } from "../core/failure.ts";
import type { RunId } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";

export type Parking =
  /** A person's decision, bound to a digest of exactly what is shown (mission X12). */
  | { readonly kind: "approval"; readonly digest: string; readonly request: JsonObject }
  | { readonly kind: "timer" }
  /** An event from outside by its name; `match` says which of them, null for any. */
  | { readonly kind: "event"; readonly name: string; readonly match: JsonObject | null }
  /** Somebody who knows the token calls back. Here stands its digest: who reads the journal cannot call. `response`: of the call before. */
  | { readonly kind: "callback"; readonly token: string; readonly response: JsonObject }
  /** Another run comes to its end. */
  | { readonly kind: "run"; readonly runId: RunId };

/** What settles a step that is parked. */
export type Answered =
  | { readonly kind: "succeeded"; readonly output: Stored }
  | { readonly kind: "failed"; readonly failure: TaskFailure }
  /** The step asks for a place again and goes on with its next attempt, such as an approval that escalates. */
  | { readonly kind: "again" };

export interface ParkedUntil {
  readonly parking: Parking;
  /** Epoch milliseconds at which `onDue` settles it; null to wait for ever. */
  readonly dueAt: number | null;
  readonly onDue: Answered;
}
