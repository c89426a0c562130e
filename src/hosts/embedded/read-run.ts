/**
 * Runs as their journals give them. What was read stays good for the rest of the tick: whoever answers a run's question has just read it,
 * and the engine wakes it for the answer. Nothing can have been written meanwhile, since a run that is about to be written to is awake.
 */
import { RequestError } from "../../core/errors.ts";
import type { Digest, RunId } from "../../core/ids.ts";
import { fold, foldOnto } from "../../kernel/fold.ts";
import type { RunSnapshot } from "../../kernel/snapshot.ts";
import type { CompiledWorkflow } from "../../plan/workflow.ts";
import type { StoreReader } from "../../ports/store.ts";

/** Finds the compiled form of a stored definition; cached by the caller. */
export type CompiledByHash = (hash: Digest) => CompiledWorkflow;

export interface SeenRun {
  readonly workflow: CompiledWorkflow;
  readonly snapshot: RunSnapshot;
}

/** @throws RequestError RUN_NOT_FOUND, InvariantError on a journal that does not fold */
export type ReadRun = (id: RunId) => SeenRun;

/** Entries read at once. */
const PAGE = 10_000;

export function createReadRun(reader: Pick<StoreReader, "entries">, compiled: CompiledByHash): ReadRun {
  let kept: SeenRun | null = null;
  return (id) => {
    if (kept?.snapshot.start.runId === id) return kept;
    const seen = foldStored(reader, compiled, id);
    kept = seen;
    queueMicrotask(() => {
      if (kept === seen) kept = null;
    });
    return seen;
  };
}

function foldStored(reader: Pick<StoreReader, "entries">, compiled: CompiledByHash, id: RunId): SeenRun {
  let entries = reader.entries(id, 0, PAGE);
  const start = entries[0]?.data.start as { readonly definition?: Digest } | undefined; // Written by the kernel as RunStart.
  if (start?.definition === undefined) throw new RequestError("RUN_NOT_FOUND", { run: id });
  const workflow = compiled(start.definition);
  let snapshot = fold(workflow, entries);
  while (entries.length === PAGE) {
    entries = reader.entries(id, snapshot.seq, PAGE);
    snapshot = foldOnto(workflow, snapshot, entries);
  }
  return { workflow, snapshot };
}
