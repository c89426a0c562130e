/**
 * Digests of files by content. A file is read again only if something about it has changed: size, inode, times of content and of
 * status. One that changed a moment ago is read every time, since the next change could bear the same time.
 */
import { createHash } from "node:crypto";
import { type BigIntStats, constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import type { Digest } from "../../core/ids.ts";

/** Coarsest clock of the file systems in use. */
const RACY_NS = 2_000_000_000n;
const REMEMBERED_MAX = 100_000;
/** Each part costs a turn of the event loop. */
const READ_BYTES = 1024 * 1024;

export interface FileDigest {
  readonly sha256: Digest;
  readonly bytes: number;
  readonly isExecutable: boolean;
}

export interface FileDigests {
  /** Null for what is no plain file. @throws the system's error, such as ENOENT or ELOOP */
  of(path: string): Promise<FileDigest | null>;
  /** Files that were read so far. */
  readonly read: number;
}

interface Remembered {
  readonly mark: string;
  readonly digest: FileDigest;
}

/** `now` is the wall clock in epoch milliseconds. */
export function createFileDigests(now: () => number = Date.now): FileDigests {
  const remembered = new Map<string, Remembered>();
  let read = 0;
  return {
    get read() {
      return read;
    },
    async of(path) {
      const known = remembered.get(path);
      // One look at the file, where opening it would take four.
      if (known !== undefined && known.mark === markOf(await lstat(path, { bigint: true }))) return known.digest;
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        const stat = await file.stat({ bigint: true });
        if (!stat.isFile()) return null;
        read += 1;
        const hash = createHash("sha256");
        let bytes = 0;
        for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: READ_BYTES }) as AsyncIterable<Buffer>) {
          hash.update(chunk);
          bytes += chunk.length;
        }
        const digest = { sha256: hash.digest("hex") as Digest, bytes, isExecutable: (stat.mode & 0o111n) !== 0n };
        const after = await file.stat({ bigint: true });
        const isSettled = markOf(after) === markOf(stat) && BigInt(now()) * 1_000_000n - newest(stat) > RACY_NS;
        if (isSettled) {
          if (remembered.size >= REMEMBERED_MAX) remembered.clear();
          remembered.set(path, { mark: markOf(stat), digest });
        } else remembered.delete(path);
        return digest;
      } finally {
        await file.close();
      }
    },
  };
}

function markOf({ dev, ino, size, mtimeNs, ctimeNs, mode }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}:${mode}`;
}

function newest({ mtimeNs, ctimeNs }: BigIntStats): bigint {
  return mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
}
