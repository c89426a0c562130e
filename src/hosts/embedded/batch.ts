/** What one turn has decided, on its way to disk. */
import type { Effect } from "../../kernel/effect.ts";
import type { NewBlob } from "../../ports/attempt-runner.ts";
import type { CommittedEntry, ObservedRun } from "../../ports/observer.ts";
import type { Appended, CommitBatch, Refusal } from "../../ports/store.ts";
import type { ActiveRun } from "./active-runs.ts";

export interface Batch {
  /** Every run that a cause was decided for. */
  readonly runs: Set<ActiveRun>;
  readonly appended: Map<ActiveRun, Appended & { readonly entries: CommittedEntry["entry"][] }>;
  readonly effects: { readonly run: ActiveRun; readonly effect: Effect }[];
  readonly letters: number[];
  readonly refusals: Refusal[];
  readonly blobs: NewBlob[];
  readonly answers: (() => void)[];
  entries: number;
}

export function createBatch(blobs: NewBlob[]): Batch {
  return { runs: new Set(), appended: new Map(), effects: [], letters: [], refusals: [], blobs, answers: [], entries: 0 };
}

export function toCommit({ appended, letters, refusals, blobs }: Batch): CommitBatch {
  return { appended: [...appended.values()], takenLetters: letters, refusals, blobs };
}

/** Lets what changed nothing wait for a batch on its way to disk (L5). */
export function joinBatch(batch: Batch, { runs, effects, answers }: Batch): void {
  for (const run of runs) batch.runs.add(run);
  batch.effects.push(...effects);
  batch.answers.push(...answers);
}

/** The entries of a batch as observers see them. */
export function committedIn(batch: Batch): readonly CommittedEntry[] {
  const all: CommittedEntry[] = [];
  for (const [run, { entries }] of batch.appended) {
    const start = run.snapshot?.start;
    if (start === undefined) continue; // What has entries has a snapshot.
    const { runId, tenant, workflow, trace } = start;
    const observed: ObservedRun = { runId, tenant, workflow, definition: run.workflow, trace };
    for (const entry of entries) all.push({ run: observed, entry });
  }
  return all;
}
