/** Files that a writer was putting down when its process was killed: never read by anybody, and removed by a later one (I-32). */
import { randomUUID } from "node:crypto";
import { readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";

const TEMPORARY = /^\.troupe-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;
/** Far longer than a file is on its way. Whether its process lives cannot be asked: it may run in another container. */
const LEFT_AFTER_MS = 3_600_000;

export function temporaryName(): string {
  return `.troupe-${randomUUID()}.tmp`;
}

/** @param base the same directory as a path that no renaming can change */
export type Sweep = (directory: string, base: string) => Promise<void>;

/** Each directory is looked through once: what a later crash leaves there is for a later process. */
export function createSweep(): Sweep {
  const swept = new Set<string>();
  return async (directory, base) => {
    if (swept.has(directory)) return;
    swept.add(directory);
    await sweepLeftovers(base);
  };
}

/** Removes what was left in a directory. What cannot be looked at or removed stays: it harms nobody. */
async function sweepLeftovers(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    if (!TEMPORARY.test(name)) continue;
    const path = join(directory, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > LEFT_AFTER_MS) await unlink(path).catch(() => undefined);
  }
}
