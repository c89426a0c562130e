/** Why a user's task did not succeed. It is data in the journal, never an exception of ours. */
import type { JsonObject } from "./json.ts";

/** The closed list of failure classes; retry and catch rules select by it. */
export const FAILURE_CLASSES = [
  "transient",
  "permanent",
  "timeout",
  "budget",
  "conflict",
  "canceled",
  "validation",
  "policy",
  "lost",
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** A failure in the shape of RFC 9457, with what a program needs to react to it. */
export interface TaskFailure {
  readonly class: FailureClass;
  /** Stable code such as `EXIT_CODE`, `OUTPUT_SCHEMA`, `WORKER_CRASHED`. */
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  readonly exitCode?: number;
  readonly signal?: string;
  /** HTTP status, where the task was a web call. */
  readonly status?: number;
  /** What the other side asked us to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly tool?: string;
  readonly hint?: string;
  readonly extra?: JsonObject;
}
