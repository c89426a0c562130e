/** Who drives the runs of a store: lock first, then the epoch (I-10, I-11). */
import type { DatabaseSync } from "node:sqlite";
import { RequestError } from "../../core/errors.ts";
import type { Ownership } from "../../ports/store.ts";
import { acquireOwnerLock, breakOwnerLock, type OwnerLock } from "./owner-lock.ts";
import { isAlive, isSameProcess, type ProcessIdentity, readOwnIdentity } from "./process-identity.ts";
import { createQuery } from "./query.ts";
import type { Row } from "./rows.ts";
import type { WriterClient } from "./writer-client.ts";

const CRASHES_MAX = 10;

export interface Owner {
  own(takeover: "if-dead" | "force"): Promise<Ownership>;
  disown(): Promise<void>;
  /** Lets go of the lock without a clean end, as a crash would. */
  abandon(): void;
}

export interface OwnerParts {
  /** Null for a store in memory, which no other process can see. */
  readonly directory: string | null;
  readonly reader: DatabaseSync;
  readonly writer: () => Promise<WriterClient>;
  readonly now: () => number;
}

export function createOwner({ directory, reader, writer, now }: OwnerParts): Owner {
  const identity = readOwnIdentity();
  const latest = createQuery(reader, "SELECT * FROM engines ORDER BY epoch DESC LIMIT 1");
  const crashes = createQuery(reader, "SELECT started_at FROM engines WHERE clean = 0 AND epoch < ? ORDER BY epoch DESC LIMIT ?");
  let lock: OwnerLock | null = null;
  let epoch: number | null = null;

  const lockFile = async (takeover: "if-dead" | "force"): Promise<OwnerLock | null> => {
    if (directory === null) return null;
    if (takeover === "force") {
      lock?.release();
      breakOwnerLock(directory);
    }
    const taken = await acquireOwnerLock(directory);
    if (taken === null) throw new RequestError("STORE_OWNED", { holder: describe(latest.one()) });
    const holder = latest.one();
    // The lock is free, and still somebody may live: a file system without locks, or a lock file removed by hand.
    if (takeover === "if-dead" && holder !== undefined && holder.ended_at === null && isAnotherAlive(holder, identity)) {
      taken.release();
      throw new RequestError("STORE_OWNED", { holder: describe(holder) });
    }
    return taken;
  };

  return {
    async own(takeover) {
      if (epoch !== null && takeover === "if-dead") throw new RequestError("STORE_OWNED", { holder: "this very process" });
      lock = await lockFile(takeover);
      try {
        const before = latest.one();
        const taken = await (await writer()).call("own", { identity, forced: takeover === "force", at: now() });
        epoch = taken;
        const recentCrashes = crashes.all(taken, CRASHES_MAX).map((row) => Number(row.started_at));
        const previous = before === undefined ? "none" : before.clean === 1 ? "clean" : "crashed";
        return { epoch: taken, previous, recentCrashes };
      } catch (error) {
        lock?.release();
        lock = null;
        throw error;
      }
    },
    async disown() {
      if (epoch === null) return;
      const ending = epoch;
      epoch = null;
      try {
        await (await writer()).call("disown", { epoch: ending, at: now() });
      } finally {
        lock?.release();
        lock = null;
      }
    },
    abandon() {
      lock?.release();
      lock = null;
      epoch = null;
    },
  };
}

function toIdentity(row: Row): ProcessIdentity {
  return { pid: Number(row.pid), processStart: String(row.process_start), bootId: String(row.boot_id) };
}

function isAnotherAlive(row: Row, self: ProcessIdentity): boolean {
  const holder = toIdentity(row);
  return !isSameProcess(holder, self) && isAlive(holder);
}

function describe(row: Row | undefined): string {
  if (row === undefined || row.ended_at !== null) return "another engine that is just starting";
  return `engine ${row.epoch} (process ${row.pid}, since ${new Date(Number(row.started_at)).toISOString()})`;
}
