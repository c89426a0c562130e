/**
 * One transition of one actor: what the journal holds, what observers see, and what state is folded from.
 *
 * An entry records the statechart event that the actor consumed (`on` with `data` as its payload) together with the states before
 * and after. Folding sends `on` to the actor again and demands the recorded `to` (I-4); it never repeats a decision, so journals
 * outlive changes in how the kernel decides.
 */
import type { CauseId, StepId } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";

/** Names under which entries are seen outside (`docs/events.md`). */
export const ENTRY_TYPES = [
  "run.created",
  "run.started",
  "run.waiting",
  "run.paused",
  "run.progress",
  "run.succeeded",
  "run.failed",
  "run.canceled",
  "run.quarantined",
  "run.resumed",
  "run.released",
  "run.canceling",
  "run.finishing",
  "run.compensating",
  "run.concluding",
  "run.timed_out",
  "step.ready",
  "step.queued",
  "step.started",
  "step.progress",
  "step.retrying",
  "step.succeeded",
  "step.failed",
  "step.skipped",
  "step.canceled",
  "step.quarantined",
  "step.timed_out",
  "step.cached",
  "step.waiting",
  "step.expanded",
  "step.stopping",
  "step.released",
  "attempt.started",
  "attempt.ended",
  "attempt.lost",
  "attempt.orphaned",
] as const;
export type EntryType = (typeof ENTRY_TYPES)[number];

/** The actor an entry belongs to: the run itself, or one of its steps by id. A step may not be called `run`. */
export type ActorId = "run" | StepId;

export interface JournalEntry {
  /** 1, 2, 3 … without a gap within a run; also the id of the event in every stream (I-6). */
  readonly seq: number;
  readonly actor: ActorId;
  readonly type: EntryType;
  /** The statechart event consumed. */
  readonly on: string;
  /** Dotted state before and after, such as `pending.queued`; `from` is empty for an actor's first entry. */
  readonly from: string;
  readonly to: string;
  /** Payload of `on`; plain JSON. */
  readonly data: JsonObject;
  readonly causeId: CauseId;
  /** Epoch milliseconds. */
  readonly at: number;
}
