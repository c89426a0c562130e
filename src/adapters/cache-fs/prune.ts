/** Makes room: what was used longest ago goes first, and content that no entry needs goes with it. */
import { readFile, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "../../core/ids.ts";
import type { CachePruned, CachePruneOrder, ListedEntry, ReferencedBy } from "../../ports/cache.ts";
import { type FileCachePlaces, listEntries, namesIn, orNull } from "./places.ts";

/** Content is written before its entry; younger than this it may belong to one that is still to come. */
const UNSETTLED_MS = 60 * 60 * 1_000;
/** Of the bound, when it is reached: otherwise every result after would make room anew. */
const FILL_AFTER = 0.9;
const READ_AT_ONCE = 32;

interface Seen extends ListedEntry {
  readonly needs: readonly Digest[];
}

interface Content {
  readonly path: string;
  readonly bytes: number;
  readonly changedAt: number;
  users: number;
}

export async function pruneFiles(
  places: FileCachePlaces,
  { maxBytes, unusedSince }: CachePruneOrder,
  referenced: ReferencedBy,
): Promise<CachePruned & { readonly leftBytes: number }> {
  const startedAt = Date.now();
  const contents = await contentsIn(places);
  const entries = await entriesIn(places, referenced);
  for (const { needs } of entries) for (const digest of needs) use(contents, digest, 1);
  let left = sum(entries) + sum(contents.values());
  const removed = { entries: 0, contents: 0, bytes: 0 };

  async function removeContent(digest: Digest, content: Content): Promise<void> {
    const now = await orNull(stat(content.path));
    // Somebody has begun to need it meanwhile.
    if (now === null || now.mtimeMs > startedAt) return;
    await orNull(unlink(content.path));
    contents.delete(digest);
    removed.contents += 1;
    removed.bytes += content.bytes;
    left -= content.bytes;
  }

  for (const [digest, content] of contents) {
    if (content.users === 0 && content.changedAt < startedAt - UNSETTLED_MS) await removeContent(digest, content);
  }
  const target = maxBytes === null || left <= maxBytes ? Number.POSITIVE_INFINITY : maxBytes * FILL_AFTER;
  for (const entry of entries.toSorted((one, other) => one.usedAt - other.usedAt)) {
    const isOld = unusedSince !== null && entry.usedAt < unusedSince;
    if (!isOld && left <= target) continue;
    await orNull(unlink(join(places.entries, entry.group.slice(0, 2), entry.group, entry.key)));
    removed.entries += 1;
    removed.bytes += entry.bytes;
    left -= entry.bytes;
    for (const digest of entry.needs) {
      const content = use(contents, digest, -1);
      if (content?.users === 0) await removeContent(digest, content);
    }
  }
  await sweepTemporaries(places, startedAt - UNSETTLED_MS);
  return { ...removed, leftBytes: left };
}

function use(contents: ReadonlyMap<Digest, Content>, digest: Digest, by: 1 | -1): Content | undefined {
  const content = contents.get(digest);
  if (content !== undefined) content.users += by;
  return content;
}

function sum(sized: Iterable<{ readonly bytes: number }>): number {
  let total = 0;
  for (const { bytes } of sized) total += bytes;
  return total;
}

async function contentsIn({ contents }: FileCachePlaces): Promise<Map<Digest, Content>> {
  const found = new Map<Digest, Content>();
  for (const prefix of await namesIn(contents)) {
    for (const name of await namesIn(join(contents, prefix))) {
      const path = join(contents, prefix, name);
      const file = await orNull(stat(path));
      if (file?.isFile()) found.set(name as Digest, { path, bytes: file.size, changedAt: file.mtimeMs, users: 0 }); // Files are named by their digests.
    }
  }
  return found;
}

async function entriesIn(places: FileCachePlaces, referenced: ReferencedBy): Promise<readonly Seen[]> {
  const listed: ListedEntry[] = [];
  for await (const entry of listEntries(places)) listed.push(entry);
  const seen: Seen[] = [];
  for (let at = 0; at < listed.length; at += READ_AT_ONCE) {
    const read = listed.slice(at, at + READ_AT_ONCE).map(async (entry) => {
      const text = await orNull(readFile(join(places.entries, entry.group.slice(0, 2), entry.group, entry.key), "utf8"));
      return text === null ? [] : [{ ...entry, needs: [...new Set(referenced(entry, text))] }];
    });
    seen.push(...(await Promise.all(read)).flat());
  }
  return seen;
}

async function sweepTemporaries({ temporary }: FileCachePlaces, before: number): Promise<void> {
  for (const name of await namesIn(temporary)) {
    const path = join(temporary, name);
    const found = await orNull(stat(path));
    if (found !== null && found.mtimeMs < before) await orNull(unlink(path));
  }
}
