/**
 * The step cache on disk: `entries/<group>/<key>` and `contents/<digest>` below one directory, each file written beside its place and
 * renamed. Nothing is flushed: what a power cut spoils shows in its seal or digest, and is a miss.
 */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Digest } from "../../core/ids.ts";
import type { CacheContent, CacheStore, EntryName, ReferencedBy } from "../../ports/cache.ts";
import { createBound } from "./bound.ts";
import { listEntries, orNull, placesOf } from "./places.ts";
import { pruneFiles } from "./prune.ts";

export interface FileCacheOptions {
  readonly directory: string;
  /** Above it, what was used longest ago goes. */
  readonly maxBytes: number;
  readonly referenced: ReferencedBy;
}

const CONTENT_MAX_BYTES = 4 * 1024 ** 3;

export function createFileCache({ directory, maxBytes, referenced }: FileCacheOptions): CacheStore {
  const places = placesOf(directory);
  const entryPath = ({ group, key }: EntryName): string => join(places.entries, group.slice(0, 2), group, key);
  const contentPath = (digest: Digest): string => join(places.contents, digest.slice(0, 2), digest);
  const bound = createBound(places.root, maxBytes, () => pruneFiles(places, { maxBytes, unusedSince: null }, referenced));

  return {
    technology: "files",
    contentMaxBytes: CONTENT_MAX_BYTES,
    async entry(name) {
      const path = entryPath(name);
      const text = await orNull(readFile(path, "utf8"));
      // Whoever asked need not wait for it.
      if (text !== null) void touch(path);
      return text;
    },
    peek: (name) => orNull(readFile(entryPath(name), "utf8")),
    async putEntry(name, text) {
      await place(places.temporary, entryPath(name), (temporary) => writeFile(temporary, text, { flag: "wx", mode: 0o600 }));
      bound.wrote(Buffer.byteLength(text));
    },
    removeEntry: async (name) => (await orNull(unlink(entryPath(name)).then(() => true))) ?? false,
    entries: (group) => listEntries(places, group),
    async content(digest) {
      const path = contentPath(digest);
      const found = await orNull(stat(path));
      return found === null ? null : fileContent(path, found.size);
    },
    async putContent(digest, content) {
      const path = contentPath(digest);
      const found = await orNull(stat(path));
      // Its new time keeps it from being swept before the entry that needs it is there.
      if (found !== null && found.size === content.bytes) return await touch(path);
      await place(places.temporary, path, (temporary) => writeContent(temporary, digest, content));
      bound.wrote(content.bytes);
    },
    removeContent: async (digest) => void (await orNull(unlink(contentPath(digest)))),
    prune: (order) => pruneFiles(places, order, referenced),
    [Symbol.asyncDispose]: () => bound[Symbol.asyncDispose](),
  };
}

function fileContent(path: string, bytes: number): CacheContent {
  return { bytes, open: () => createReadStream(path) as AsyncIterable<Uint8Array> }; // Without an encoding it gives bytes.
}

async function writeContent(temporary: string, digest: Digest, content: CacheContent): Promise<void> {
  const hash = createHash("sha256");
  async function* hashed(): AsyncIterable<Uint8Array> {
    for await (const chunk of content.open()) {
      hash.update(chunk);
      yield chunk;
    }
  }
  await pipeline(hashed(), createWriteStream(temporary, { flags: "wx", mode: 0o600 }));
  if (hash.digest("hex") !== digest) throw new Error("the bytes changed while they were being kept");
}

async function place(temporaries: string, path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = join(temporaries, `${randomUUID()}.tmp`);
  await mkdir(temporaries, { recursive: true, mode: 0o700 });
  try {
    await write(temporary);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rename(temporary, path);
  } catch (thrown) {
    await orNull(unlink(temporary));
    throw thrown;
  }
}

/** Best effort: it only says what goes first when room is needed. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}
