/**
 * The step cache in a bucket of S3 or of a server that speaks its protocol. Its bound is a lifecycle rule of the bucket. `s3mini` is an
 * optional peer.
 */
import { createHash } from "node:crypto";
import { RequestError, toError } from "../../core/errors.ts";
import type { Digest } from "../../core/ids.ts";
import type { CacheContent, CacheStore, EntryName } from "../../ports/cache.ts";
import { bytesOf, contentOf } from "../../ports/cache-content.ts";

export interface S3CacheOptions {
  /** URL of the bucket, such as `https://s3.eu-central-1.amazonaws.com/bucket`. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Before the name of every object, with a `/` at its end. @defaultValue `troupe-cache/v1/` */
  readonly prefix?: string;
}

const PREFIX = "troupe-cache/v1/";
/** Sent in one request, from memory. */
const CONTENT_MAX_BYTES = 64 * 1024 ** 2;
const REQUEST_MS = 30_000;
const PAGE = 1_000;

/** @throws RequestError CACHE_CLIENT_MISSING */
export async function openS3Cache({ prefix = PREFIX, ...options }: S3CacheOptions): Promise<CacheStore> {
  const { S3mini } = await import("s3mini").catch((thrown: unknown) => {
    throw new RequestError("CACHE_CLIENT_MISSING", { package: "s3mini" }, { cause: toError(thrown) });
  });
  const bucket = new S3mini({ ...options, requestAbortTimeout: REQUEST_MS });
  const entryKey = ({ group, key }: EntryName): string => `${prefix}entries/${group}/${key}`;
  const contentKey = (digest: Digest): string => `${prefix}contents/${digest}`;

  return {
    technology: "s3",
    contentMaxBytes: CONTENT_MAX_BYTES,
    entry: (name) => bucket.getObject(entryKey(name)),
    peek: (name) => bucket.getObject(entryKey(name)),
    async putEntry(name, text) {
      await bucket.putObject(entryKey(name), text, "application/json");
    },
    async removeEntry(name) {
      const key = entryKey(name);
      const isThere = (await bucket.objectExists(key)) === true;
      if (isThere) await bucket.deleteObject(key);
      return isThere;
    },
    async *entries(group) {
      const below = `${prefix}entries/${group === undefined ? "" : `${group}/`}`;
      let token: string | undefined;
      do {
        // The slash is the path of the request, not a delimiter of names, whatever its parameter is called.
        const page = await bucket.listObjectsPaged("/", below, PAGE, token);
        for (const { Key, Size, LastModified } of page?.objects ?? []) {
          const [name = "", key = ""] = Key.slice(`${prefix}entries/`.length).split("/");
          // Objects are named by their keys.
          yield { group: name, key: key as Digest, usedAt: new Date(LastModified).getTime(), bytes: Number(Size) };
        }
        token = page?.nextContinuationToken;
      } while (token !== undefined);
    },
    async content(digest) {
      const bytes = await bucket.getObjectArrayBuffer(contentKey(digest));
      return bytes === null ? null : contentOf(new Uint8Array(bytes));
    },
    async putContent(digest, content) {
      const key = contentKey(digest);
      if ((await bucket.objectExists(key)) === true) return;
      await bucket.putObject(key, await checkedBytes(digest, content), "application/octet-stream");
    },
    async removeContent(digest) {
      await bucket.deleteObject(contentKey(digest));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function checkedBytes(digest: Digest, content: CacheContent): Promise<Uint8Array> {
  const bytes = await bytesOf(content);
  if (createHash("sha256").update(bytes).digest("hex") !== digest) throw new Error("the bytes changed while they were being kept");
  return bytes;
}
