/**
 * Moves log pages into the database after a reply was sent. SQLite's own automatic checkpoint swallows its errors; a checkpoint
 * whose fsync failed must stop the engine (I-39).
 */
import type { DatabaseSync } from "node:sqlite";

/** Pages in the log from which it is moved: 16 MiB. Fewer checkpoints write hot pages less often; more keep the log short. */
const LOG_PAGES = 4_000;

export interface Checkpointer {
  tidy(): void;
}

export function createCheckpointer(db: DatabaseSync): Checkpointer {
  const look = db.prepare("PRAGMA wal_checkpoint(NOOP)");
  const move = db.prepare("PRAGMA wal_checkpoint(PASSIVE)");
  return {
    tidy() {
      const { log = 0, checkpointed = 0 } = look.get() ?? {};
      if (Number(log) - Number(checkpointed) >= LOG_PAGES) move.get();
    },
  };
}
