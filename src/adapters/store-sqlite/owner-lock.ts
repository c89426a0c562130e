/** A lock that the operating system drops with its holder: a second, empty database held in an exclusive transaction (I-11). */
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { createFile } from "./directory.ts";
import { isBusy } from "./failure.ts";

export interface OwnerLock {
  release(): void;
}

/** Two that reach for it at the same moment can turn each other away; a holder turns everyone away each time. */
const ATTEMPTS_MAX = 8;
const PAUSE_MS_MAX = 12;

/** The lock of a state directory, or null while another holds it. */
export async function acquireOwnerLock(directory: string): Promise<OwnerLock | null> {
  const path = join(directory, "owner.lock");
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const lock = tryLock(path);
    if (lock !== null) return lock;
    await sleep(Math.random() * PAUSE_MS_MAX);
  }
  return null;
}

function tryLock(path: string): OwnerLock | null {
  createFile(path);
  const before = readInode(path);
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    if (isBusy(error)) return null;
    throw error;
  }
  // A forced takeover may have put another file in place between looking, opening and locking.
  if (before !== null && before === readInode(path)) return { release: () => db.close() };
  db.close();
  return null;
}

/** Puts a fresh lock in place of one whose holder does not let go; the epoch fences that holder (I-10). */
export function breakOwnerLock(directory: string): void {
  rmSync(join(directory, "owner.lock"), { force: true });
}

function readInode(path: string): bigint | null {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}
