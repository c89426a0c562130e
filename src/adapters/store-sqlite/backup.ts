/** A consistent copy while the engine runs; never copy the file itself, the log beside it belongs to it. */
import { chmodSync, existsSync, rmSync } from "node:fs";
import { backup, type DatabaseSync } from "node:sqlite";
import { openConnection, quickCheck, unusable } from "./connection.ts";
import { toStoreError } from "./failure.ts";

/** One step for everything: a copy in many small steps starts over with each write in between. */
const PAGES_AT_ONCE = 1_000_000;

/** @throws FencedError STORE_UNUSABLE when the target exists or the copy does not pass its check. */
export async function backUp(db: DatabaseSync, target: string): Promise<void> {
  if (existsSync(target)) throw unusable("the target of the backup exists already", "Give a file that does not exist yet.");
  try {
    await backup(db, target, { rate: PAGES_AT_ONCE });
    chmodSync(target, 0o600);
    const copy = openConnection({ path: target, durability: "full", busyMs: 0 });
    const problems = quickCheck(copy);
    copy.close();
    if (problems.length > 0) throw unusable(`the copy is damaged: ${problems[0]}`, "Run `troupe doctor`.");
  } catch (error) {
    rmSync(target, { force: true });
    throw toStoreError(error);
  }
}
