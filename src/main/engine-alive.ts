/** Whether some process drives the runs of a state directory right now. */
import { acquireOwnerLock } from "../adapters/store-sqlite/owner-lock.ts";

/** Asks the lock and lets go of it at once; an engine that starts in this very moment tries again by itself. */
export async function hasLiveEngine(directory: string): Promise<boolean> {
  const lock = await acquireOwnerLock(directory);
  lock?.release();
  return lock === null;
}
