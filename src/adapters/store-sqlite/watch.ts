/** Notices writes of other connections by SQLite's own counter; asking costs a few microseconds. */
import type { DatabaseSync } from "node:sqlite";

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
  return {
    watch(onChange, intervalMs) {
      let seen = read();
      const timer = setInterval(() => {
        const now = read();
        if (now === seen) return;
        seen = now;
        onChange();
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
