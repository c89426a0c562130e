/**
 * How a batch goes from the host's thread to the writer's: one flat array of strings and numbers. Measured per entry on the
 * host's side: 1.3 µs (building 1.0, cloning 0.3), against 3.0 µs for cloning the objects themselves.
 */
import type { CommitBatch } from "../../ports/store.ts";
import type { EntryColumns } from "./entry-text.ts";

export type FlatBatch = (string | number)[];

/** A run's entries as columns; their `data` is plain JSON text, not yet canonical. */
export interface RunColumns {
  readonly runId: string;
  readonly entries: readonly EntryColumns[];
}

/** Layout: per run its id and the number of entries, then nine values per entry. */
export function flattenBatch(appended: CommitBatch["appended"]): FlatBatch {
  const flat: FlatBatch = [];
  for (const { runId, entries } of appended) {
    flat.push(runId, entries.length);
    for (const { seq, actor, type, on, from, to, data, causeId, at } of entries) {
      flat.push(seq, actor, type, on, from, to, JSON.stringify(data), causeId, at);
    }
  }
  return flat;
}

export function readFlatBatch(flat: FlatBatch): readonly RunColumns[] {
  const runs: RunColumns[] = [];
  let at = 0;
  // True by construction: `flattenBatch` is the only maker, and types are kept by structured clone.
  const text = () => flat[at++] as string;
  const number = () => flat[at++] as number;
  while (at < flat.length) {
    const runId = text();
    const count = number();
    const entries: EntryColumns[] = [];
    for (let index = 0; index < count; index++) {
      entries.push({
        seq: number(),
        actor: text(),
        type: text(),
        on: text(),
        from: text(),
        to: text(),
        data: text(),
        causeId: text(),
        at: number(),
      });
    }
    runs.push({ runId, entries });
  }
  return runs;
}
