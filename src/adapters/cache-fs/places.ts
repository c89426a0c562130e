/** The layout of the step cache on disk. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "../../core/ids.ts";
import type { ListedEntry } from "../../ports/cache.ts";

/** Changing the layout leaves the old one where it is. */
const LAYOUT = "v1";

export interface FileCachePlaces {
  readonly root: string;
  readonly entries: string;
  readonly contents: string;
  readonly temporary: string;
}

export function placesOf(directory: string): FileCachePlaces {
  const root = join(directory, LAYOUT);
  return { root, entries: join(root, "entries"), contents: join(root, "contents"), temporary: join(root, "tmp") };
}

export async function* listEntries({ entries }: FileCachePlaces, group?: string): AsyncIterable<ListedEntry> {
  const groups = group === undefined ? await groupsIn(entries) : [group];
  for (const name of groups) {
    const directory = join(entries, name.slice(0, 2), name);
    for (const key of await namesIn(directory)) {
      const found = await orNull(stat(join(directory, key)));
      if (found?.isFile()) yield { group: name, key: key as Digest, usedAt: found.mtimeMs, bytes: found.size }; // Files are named by their keys.
    }
  }
}

async function groupsIn(entries: string): Promise<readonly string[]> {
  const groups: string[] = [];
  for (const prefix of await namesIn(entries)) groups.push(...(await namesIn(join(entries, prefix))));
  return groups;
}

export async function namesIn(directory: string): Promise<readonly string[]> {
  return (await orNull(readdir(directory))) ?? [];
}

/** Null for what is missing. @throws whatever else is wrong */
export async function orNull<TAnswer>(asked: Promise<TAnswer>): Promise<TAnswer | null> {
  try {
    return await asked;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return null; // Read only if it is there.
    throw thrown;
  }
}
