/**
 * The step cache in Redis. Values are strings that Redis forgets when their time is over or, under `maxmemory-policy allkeys-lru`, when
 * it needs room: the bound is Redis' own. `redis` is an optional peer.
 */
import { createHash } from "node:crypto";
import { RequestError, toError } from "../../core/errors.ts";
import type { Digest } from "../../core/ids.ts";
import type { CacheContent, CacheStore, EntryName } from "../../ports/cache.ts";
import { bytesOf, contentOf } from "../../ports/cache-content.ts";

export interface RedisCacheOptions {
  /** `redis://` or `rediss://`, with user, password and number of the database where they are needed. */
  readonly url: string;
  /** Before every key. @defaultValue `troupe:cache:v1:` */
  readonly prefix?: string;
}

const PREFIX = "troupe:cache:v1:";
/** A value in Redis is held in memory whole, here and there. */
const CONTENT_MAX_BYTES = 64 * 1024 ** 2;
const CONNECT_MS = 2_000;
const COMMAND_MS = 10_000;
const SCAN_COUNT = 1_000;

/** @throws RequestError CACHE_CLIENT_MISSING; Error when nobody answers */
export async function openRedisCache({ url, prefix = PREFIX }: RedisCacheOptions): Promise<CacheStore> {
  const { createClient, RESP_TYPES } = await import("redis").catch((thrown: unknown) => {
    throw new RequestError("CACHE_CLIENT_MISSING", { package: "redis" }, { cause: toError(thrown) });
  });
  const client = createClient({
    url,
    // An engine without its cache goes on; it must not hang on it.
    socket: {
      connectTimeout: CONNECT_MS,
      reconnectStrategy: (tries) => (tries < 3 ? 100 * 2 ** tries : new Error("Redis does not answer")),
    },
    disableOfflineQueue: true,
    commandOptions: { timeout: COMMAND_MS },
  });
  // Without a listener an error of the connection would end the process; the next command tells it.
  client.on("error", () => undefined);
  await client.connect();
  const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const entryKey = ({ group, key }: EntryName): string => `${prefix}e:${group}:${key}`;
  const contentKey = (digest: Digest): string => `${prefix}c:${digest}`;

  return {
    technology: "redis",
    contentMaxBytes: CONTENT_MAX_BYTES,
    entry: (name) => client.get(entryKey(name)),
    peek: (name) => client.get(entryKey(name)),
    async putEntry(name, text, expiresAt) {
      await client.set(entryKey(name), text, expiry(expiresAt));
    },
    removeEntry: async (name) => (await client.del(entryKey(name))) > 0,
    async *entries(group) {
      const match = `${prefix}e:${group ?? "*"}:*`;
      for await (const keys of client.scanIterator({ MATCH: match, COUNT: SCAN_COUNT })) {
        for (const key of keys) {
          const [bytes, idleSeconds] = await Promise.all([
            client.strLen(key),
            client.sendCommand(["OBJECT", "IDLETIME", key]).catch(() => 0),
          ]);
          const [name = "", digest = ""] = key.slice(`${prefix}e:`.length).split(":");
          if (bytes > 0) yield { group: name, key: digest as Digest, usedAt: Date.now() - Number(idleSeconds) * 1_000, bytes }; // Keys end with theirs.
        }
      }
    },
    async content(digest) {
      const bytes = await binary.get(contentKey(digest));
      return bytes === null ? null : contentOf(bytes);
    },
    async putContent(digest, content, expiresAt) {
      const key = contentKey(digest);
      if ((await client.strLen(key)) === content.bytes && content.bytes > 0) return await prolong(key, expiresAt);
      await client.set(key, await checkedBytes(digest, content), expiry(expiresAt));
    },
    async removeContent(digest) {
      await client.del(contentKey(digest));
    },
    async [Symbol.asyncDispose]() {
      await client.close().catch(() => client.destroy());
    },
  };

  /** Content outlives all entries that need it. */
  async function prolong(key: string, expiresAt: number | null): Promise<void> {
    if (expiresAt === null) await client.persist(key);
    else await client.pExpireAt(key, expiresAt, "GT");
  }
}

function expiry(expiresAt: number | null): { PXAT?: number } {
  return expiresAt === null ? {} : { PXAT: expiresAt };
}

async function checkedBytes(digest: Digest, content: CacheContent): Promise<Buffer> {
  const bytes = Buffer.from((await bytesOf(content)).buffer);
  if (createHash("sha256").update(bytes).digest("hex") !== digest) throw new Error("the bytes changed while they were being kept");
  return bytes;
}
