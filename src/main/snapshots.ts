/**
 * Snapshots of runs for those who look at them. A run that was looked at before is folded on from there, and a long journal in pieces, between
 * which the thread does other work: ten thousand items are a second of folding.
 */
import { setImmediate as breathe } from "node:timers/promises";
import { RequestError } from "../core/errors.ts";
import type { Digest, RunId } from "../core/ids.ts";
import type { SeenRun } from "../hosts/embedded/read-run.ts";
import type { RunStart } from "../kernel/cause.ts";
import { fold, foldOnto } from "../kernel/fold.ts";
import type { StoreReader } from "../ports/store.ts";
import type { CompiledCache } from "./compiled-cache.ts";

/** Some 5 ms of folding. */
const PIECE = 400;
/** Steps of all snapshots that are kept, about 0.5 KiB each. */
const STEPS_KEPT_MAX = 50_000;
const RUNS_KEPT_MAX = 500;

export interface Snapshots {
  /** As of now, or later. @throws RequestError RUN_NOT_FOUND */
  get(id: RunId): Promise<SeenRun>;
  /** As it was after this entry. @throws RequestError RUN_NOT_FOUND, SEQ_NOT_FOUND */
  at(id: RunId, seq: number): Promise<SeenRun>;
}

export function createSnapshots(reader: Pick<StoreReader, "entries" | "run">, compiled: CompiledCache): Snapshots {
  const kept = new Map<RunId, SeenRun>();
  /** Two who look at once fold once. What the store holds when the second comes is read before the first has ended. */
  const underWay = new Map<RunId, Promise<SeenRun>>();
  let steps = 0;

  function forget(id: RunId): void {
    steps -= kept.get(id)?.snapshot.steps.length ?? 0;
    kept.delete(id);
  }

  function keep(id: RunId, seen: SeenRun): void {
    forget(id);
    kept.set(id, seen);
    steps += seen.snapshot.steps.length;
    for (const oldest of kept.keys()) {
      if (steps <= STEPS_KEPT_MAX && kept.size <= RUNS_KEPT_MAX) return;
      forget(oldest);
    }
  }

  async function read(id: RunId, from: SeenRun | null, until: number): Promise<SeenRun> {
    let seen = from;
    for (;;) {
      const after = seen?.snapshot.seq ?? 0;
      const entries = reader.entries(id, after, Math.min(PIECE, until - after));
      const [first] = entries;
      if (seen === null) {
        if (first === undefined) throw new RequestError("RUN_NOT_FOUND", { run: id });
        const { definition } = first.data.start as unknown as RunStart; // Written by the kernel as one.
        const workflow = compiled.get(definition as Digest);
        seen = { workflow, snapshot: fold(workflow, entries) };
      } else if (first !== undefined) seen = { ...seen, snapshot: foldOnto(seen.workflow, seen.snapshot, entries) };
      if (entries.length < PIECE || seen.snapshot.seq >= until) return seen;
      await breathe();
    }
  }

  return {
    get(id) {
      const found = underWay.get(id);
      if (found !== undefined) return found;
      const reading = read(id, kept.get(id) ?? null, Number.MAX_SAFE_INTEGER)
        .then((seen) => {
          keep(id, seen);
          return seen;
        })
        .finally(() => underWay.delete(id));
      underWay.set(id, reading);
      return reading;
    },
    async at(id, seq) {
      const last = reader.run(id)?.lastSeq;
      if (last === undefined) throw new RequestError("RUN_NOT_FOUND", { run: id });
      if (seq < 1 || seq > last) throw new RequestError("SEQ_NOT_FOUND", { run: id, seq, last });
      const known = kept.get(id);
      return read(id, known !== undefined && known.snapshot.seq <= seq ? known : null, seq);
    },
  };
}
