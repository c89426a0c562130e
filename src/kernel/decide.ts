/**
 * The kernel: what a cause means for a run. Pure: equal inputs give equal decisions, and nothing happens but the values returned.
 *
 * K1 No exception leaves `decide`; a fault of ours quarantines the run and keeps the evidence.
 * K2 A cause whose id was decided already changes nothing.
 * K3 A cause that does not fit the state is refused with a code, or ignored as stale; it never bends the state.
 * K4 A decision costs what it changes, not the size of the run, save for those that concern every step by nature (create, cancel, resume).
 */
import type { LoadBlob } from "../core/blob.ts";
import { InvariantError, isTroupeError, type TroupeError, toError } from "../core/errors.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import { mayStart } from "./answer.ts";
import type { Cause } from "./cause.ts";
import { create } from "./create.ts";
import { Draft } from "./draft.ts";
import type { Effect } from "./effect.ts";
import type { JournalEntry } from "./entry.ts";
import { handle } from "./handle.ts";
import { advance } from "./ready.ts";
import { settleRun } from "./settle-run.ts";
import { initialSnapshot, type RunSnapshot } from "./snapshot.ts";

export interface Decision {
  readonly snapshot: RunSnapshot | null;
  /** To be committed before any effect is acted on (I-1). */
  readonly journal: readonly JournalEntry[];
  readonly effects: readonly Effect[];
  /** Why the cause was turned away; null when it was taken, or was stale and needs no answer. */
  readonly refused: TroupeError | null;
}

/**
 * @param snapshot The run's state, or null when it does not exist yet.
 * @param now Epoch milliseconds; recorded in every entry.
 * @param load Gives the value of a blob that a condition reads.
 */
export function decide(workflow: CompiledWorkflow, snapshot: RunSnapshot | null, cause: Cause, now: number, load?: LoadBlob): Decision {
  if (snapshot?.recentCauses.includes(cause.id)) return unchanged(snapshot);
  try {
    return decideOrThrow(workflow, snapshot, cause, now, load);
  } catch (thrown) {
    return fault(workflow, snapshot, cause, now, toError(thrown));
  }
}

function decideOrThrow(workflow: CompiledWorkflow, snapshot: RunSnapshot | null, cause: Cause, now: number, load?: LoadBlob): Decision {
  const { event } = cause;
  if (event.type === "run.create") {
    if (snapshot !== null) return unchanged(snapshot);
    const draft = new Draft(workflow, initialSnapshot(workflow, event.start, now), cause.id, now, load);
    create(draft, event.start);
    return conclude(draft);
  }
  if (snapshot === null) throw new InvariantError("INV_NO_RUN", { event: event.type });
  const draft = new Draft(workflow, snapshot, cause.id, now, load);
  const answer = handle(draft, event);
  if (answer.kind === "refused") return { ...unchanged(snapshot), refused: answer.error };
  return conclude(draft, snapshot);
}

function conclude(draft: Draft, base: RunSnapshot | null = null): Decision {
  do {
    if (mayAdvance(draft.runState)) advance(draft);
    // Beginning a later phase of the run makes its first steps ripe.
  } while (settleRun(draft));
  if (draft.journal.length === 0 && base !== null) return { ...unchanged(base), effects: draft.effects };
  return { snapshot: draft.finish(), journal: draft.journal, effects: draft.effects, refused: null };
}

/** States in which steps may get ready; a paused run lets conditions be decided but grants nothing. */
function mayAdvance(runState: string): boolean {
  return mayStart(runState) || runState === "running.paused";
}

function unchanged(snapshot: RunSnapshot | null): Decision {
  return { snapshot, journal: [], effects: [], refused: null };
}

/**
 * K1. The run is put before a person with what went wrong. What the cause itself said is kept where that can be done, so that no
 * result is lost; what failed is what should have followed from it, and a release tries that again.
 */
function fault(workflow: CompiledWorkflow, snapshot: RunSnapshot | null, cause: Cause, now: number, error: Error): Decision {
  const refused = isTroupeError(error) ? error : new InvariantError("INV_KERNEL", { problem: error.message }, { cause: error });
  if (snapshot === null || snapshot.run.status !== "active" || snapshot.run.value === "quarantined")
    return { ...unchanged(snapshot), refused };
  const draft = handledOnly(workflow, snapshot, cause, now) ?? new Draft(workflow, snapshot, cause.id, now);
  draft.moveRun({ type: "run.quarantine", at: now, reason: `${refused.code}: ${refused.message}` });
  return { snapshot: draft.finish(), journal: draft.journal, effects: draft.effects, refused };
}

/** The cause handled and nothing more; null where that is what failed, or where the run would end by it. */
function handledOnly(workflow: CompiledWorkflow, snapshot: RunSnapshot, { id, event }: Cause, now: number): Draft | null {
  if (event.type === "run.create") return null;
  try {
    const draft = new Draft(workflow, snapshot, id, now);
    return handle(draft, event).kind === "taken" && draft.runState.startsWith("running.") ? draft : null;
  } catch {
    // Reported already as the fault that led here.
    return null;
  }
}
