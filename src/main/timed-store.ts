/** A store whose commits are timed for those who measure the engine; without any it is the store itself. */
import { performance } from "node:perf_hooks";
import type { EngineMeter } from "../ports/engine-meter.ts";
import type { Store } from "../ports/store.ts";

export function timeCommits(store: Store, meters: readonly EngineMeter[]): Store {
  if (meters.length === 0) return store;
  return {
    ...store,
    async commit(epoch, batch) {
      const startedMs = performance.now();
      await store.commit(epoch, batch);
      const durationMs = performance.now() - startedMs;
      const entries = batch.appended.reduce((total, run) => total + run.entries.length, 0);
      for (const meter of meters) meter.committed(durationMs, entries);
    },
  };
}
