/**
 * Keeps the cache within its bound without looking at all of it each time: the size of the last look and what was written since are
 * kept in a file. Several processes may make it wrong for a while; a look every day puts it right.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CachePruned } from "../../ports/cache.ts";

const LOOK_EVERY_MS = 24 * 60 * 60 * 1_000;

export interface Bound extends AsyncDisposable {
  wrote(bytes: number): void;
}

interface Known {
  readonly bytes: number;
  /** Of the last look, in epoch milliseconds. */
  readonly at: number;
}

/** `prune` looks at everything and answers with what is left, too. */
export function createBound(root: string, maxBytes: number, prune: () => Promise<CachePruned & { readonly leftBytes: number }>): Bound {
  const file = join(root, "size.json");
  let known: Known | null = null;
  let written = 0;
  let working: Promise<void> | null = null;

  async function keepWithin(): Promise<void> {
    known ??= await readKnown(file);
    if (known !== null && Date.now() - known.at < LOOK_EVERY_MS && known.bytes + written <= maxBytes) return;
    written = 0;
    known = { bytes: (await prune()).leftBytes, at: Date.now() };
  }

  async function work(): Promise<void> {
    try {
      await keepWithin();
    } catch {
      // The next write tries again.
    }
    working = null;
  }

  return {
    wrote(bytes) {
      written += bytes;
      working ??= work();
    },
    async [Symbol.asyncDispose]() {
      await working;
      if (known === null || written === 0) return;
      await mkdir(root, { recursive: true, mode: 0o700 });
      await writeFile(file, JSON.stringify({ bytes: known.bytes + written, at: known.at }), { mode: 0o600 });
    },
  };
}

async function readKnown(file: string): Promise<Known | null> {
  try {
    const { bytes, at } = JSON.parse(await readFile(file, "utf8")) as Partial<Known>; // Both members are looked at.
    return typeof bytes === "number" && typeof at === "number" ? { bytes, at } : null;
  } catch {
    return null; // None yet, or half of one: then it is measured.
  }
}
