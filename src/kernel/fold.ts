/** State from the log: sends every recorded event to its actor again and demands the recorded state (I-4). */

import type { RunEvent } from "../../actors/run/run.events.ts";
import type { StepEvent } from "../../actors/step/step.events.ts";
import { InvariantError } from "../core/errors.ts";
import type { CauseId } from "../core/ids.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { RunStart } from "./cause.ts";
import { Draft } from "./draft.ts";
import type { JournalEntry } from "./entry.ts";
import { stepById } from "./roster.ts";
import { initialSnapshot, type RunSnapshot } from "./snapshot.ts";

/**
 * Folds a run's whole journal, or any prefix that is not empty.
 *
 * @throws InvariantError INV_JOURNAL_GAP, INV_FOLD_MISMATCH, INV_UNHANDLED_EVENT on a journal that no kernel wrote.
 */
export function fold(workflow: CompiledWorkflow, entries: readonly JournalEntry[]): RunSnapshot {
  const [first, ...rest] = entries;
  if (first === undefined || first.on !== "run.create" || first.seq !== 1) throw new InvariantError("INV_JOURNAL_GAP", { run: "", seq: 1 });
  const start = first.data.start as unknown as RunStart; // Written by `create` and covered by the hash chain.
  const base = initialSnapshot(workflow, start, first.at);
  const draft = new Draft(workflow, base, first.causeId, first.at);
  draft.create(first.data);
  return foldOnto(workflow, { ...draft.finish(), recentCauses: [first.causeId] }, rest);
}

/** Continues a fold with the entries that follow a snapshot. */
export function foldOnto(workflow: CompiledWorkflow, snapshot: RunSnapshot, entries: readonly JournalEntry[]): RunSnapshot {
  let current = snapshot;
  let position = 0;
  while (position < entries.length) {
    const causeId = entries[position]?.causeId as CauseId; // In range.
    const at = entries[position]?.at ?? 0;
    const draft = new Draft(workflow, current, causeId, at);
    for (; position < entries.length && entries[position]?.causeId === causeId; position++) {
      const entry = entries[position] as JournalEntry; // In range.
      const seq = snapshot.seq + position + 1;
      if (entry.seq !== seq) throw new InvariantError("INV_JOURNAL_GAP", { run: snapshot.start.runId, seq });
      apply(draft, entry);
    }
    current = draft.finish();
  }
  return current;
}

function apply(draft: Draft, entry: JournalEntry): void {
  const run = draft.start.runId;
  const event = { type: entry.on, at: entry.at, ...entry.data };
  if (entry.actor === "run") {
    draft.moveRun(event as unknown as RunEvent); // Parsed by the store; the statechart refuses what it does not know.
  } else {
    const step = stepById(draft, entry.actor);
    if (step === undefined)
      throw new InvariantError("INV_FOLD_MISMATCH", { run, seq: entry.seq, actor: entry.actor, stored: entry.to, computed: "" });
    draft.moveStep(step, event as unknown as StepEvent); // As above.
  }
  const made = draft.journal.at(-1);
  if (made?.to !== entry.to || made.from !== entry.from) {
    throw new InvariantError("INV_FOLD_MISMATCH", { run, seq: entry.seq, actor: entry.actor, stored: entry.to, computed: made?.to ?? "" });
  }
}
