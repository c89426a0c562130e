/** What came of an event from outside: the runs that it started, and why the others did not. */
import type { JsonObject } from "../core/json.ts";

interface Listener {
  readonly workflow: string;
  /** Number of the trigger in the workflow's list, from 1. */
  readonly trigger: number;
}

export interface StartedByEvent extends Listener {
  readonly run: string;
}

export interface UnmatchedByEvent extends Listener {
  readonly because: string;
  /** The filter with the values of its operands. */
  readonly condition: JsonObject;
}

export interface FailedByEvent extends Listener {
  readonly code: string;
  readonly problem: string;
}

export interface DeliveryView {
  readonly event: string;
  /** As its sender named this delivery. */
  readonly id: string;
  readonly started: readonly StartedByEvent[];
  readonly unmatched: readonly UnmatchedByEvent[];
  readonly failed: readonly FailedByEvent[];
}
