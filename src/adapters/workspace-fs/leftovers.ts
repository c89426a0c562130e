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

/** Removes what was left in a directory. What cannot be looked at or removed stays: it harms nobody. */
export async function sweepLeftovers(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    if (!TEMPORARY.test(name)) continue;
    const path = join(directory, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > LEFT_AFTER_MS) await unlink(path).catch(() => undefined);
  }
}
