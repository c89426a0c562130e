/** Notices writes of other connections by SQLite's own counter; asking costs a few microseconds. */
import type { DatabaseSync } from "node:sqlite";
import { toStoreError } from "./failure.ts";

export interface Watchers {
  watch(onChange: () => void, intervalMs: number): Disposable;
  /** For writes on this very connection, which the counter leaves out. */
  noteOwnWrite(): void;
  close(): void;
}

export function createWatchers(db: DatabaseSync): Watchers {
  const version = db.prepare("PRAGMA data_version");
  const timers = new Set<NodeJS.Timeout>();
  let ownWrites = 0;
  const read = (): number => Number(version.get()?.data_version) + ownWrites;
  /** A counter that cannot be read counts as changed: whoever looks then meets the reason, and can say what it means. */
  const readOrChanged = (): number => {
    try {
      return read();
    } catch {
      return Number.NaN;
    }
  };
  return {
    watch(onChange, intervalMs) {
      let seen = read();
      const timer = setInterval(() => {
        const now = readOrChanged();
        if (now === seen) return;
        try {
          onChange();
          seen = now;
        } catch (thrown) {
          // What the store cannot tell for the moment is asked again at the next tick.
          if (toStoreError(thrown).kind !== "transient") throw thrown;
        }
      }, intervalMs);
      timer.unref();
      timers.add(timer);
      return {
        [Symbol.dispose]() {
          clearInterval(timer);
          timers.delete(timer);
        },
      };
    },
    noteOwnWrite() {
      ownWrites += 1;
    },
    close() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
