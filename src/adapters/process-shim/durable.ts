/** Files that are whole or absent, also after a power cut. */
import {
  closeSync,
  constants,
  fstatSync,
  fsync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/** Writes a new file in the place of whatever is there: what a command planted, such as a link, is never written through (S-15). */
export function writeNew(path: string, content: string | Buffer): void {
  const create = (): void => writeFileSync(path, content, { mode: 0o600, flag: "wx" });
  try {
    create();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    rmSync(path, { recursive: true });
    create();
  }
}

/** Writes a file that nobody ever sees half, without syncing. */
export function writeWhole(path: string, content: string | Buffer): void {
  writeNew(`${path}.tmp`, content);
  renameSync(`${path}.tmp`, path);
}

/** Creates a file with its content in one step; false when it exists already. */
export function createWhole(path: string, text: string): boolean {
  const temporary = `${path}.${process.pid}.tmp`;
  writeNew(temporary, text);
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(temporary);
  }
}

export interface PlainFile {
  readonly bytes: number;
  readonly content: Buffer;
}

/** Content of a plain file of at most `maxBytes`; `bad` for a link, a device, a directory or a larger file; null when absent. */
export function readPlain(path: string, maxBytes: number): Buffer | "bad" | null {
  const part = readPart(path, maxBytes, "start");
  if (part === null || part === "bad") return part;
  return part.bytes > maxBytes ? "bad" : part.content;
}

/** Part of a plain file, with the file's whole size. A FIFO planted in its place cannot hold us up. */
export function readPart(path: string, maxBytes: number, from: "start" | "end"): PlainFile | "bad" | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? null : "bad";
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return "bad";
    const length = Math.min(stat.size, maxBytes);
    const content = Buffer.alloc(length);
    const read = readSync(file, content, 0, length, from === "start" ? 0 : stat.size - length);
    return { bytes: stat.size, content: content.subarray(0, read) };
  } catch {
    return "bad";
  } finally {
    closeSync(file);
  }
}

/** How long a file may wait for its sync, so that one journal commit of the file system serves many. */
const FLUSH_AFTER_MS = 200;

export interface Flusher {
  /** Has a file and its directory entry synced soon. */
  add(path: string): void;
  readonly isIdle: boolean;
}

/** Syncs files in the background; a file that went away needs none. */
export function createFlusher(): Flusher {
  let pending = new Set<string>();
  let isFlushing = false;
  const flush = async (): Promise<void> => {
    const paths = [...pending];
    pending = new Set();
    for (const path of paths)
      await syncPath(path)
        .then(() => syncPath(dirname(path)))
        .catch(() => undefined);
    isFlushing = pending.size > 0;
    if (isFlushing) setTimeout(() => void flush(), FLUSH_AFTER_MS);
  };
  return {
    get isIdle() {
      return !isFlushing;
    },
    add(path) {
      pending.add(path);
      if (isFlushing) return;
      isFlushing = true;
      setTimeout(() => void flush(), FLUSH_AFTER_MS);
    },
  };
}

async function syncPath(path: string): Promise<void> {
  const file = openSync(path, "r");
  try {
    await new Promise<void>((resolve, reject) => fsync(file, (error) => (error === null ? resolve() : reject(error))));
  } finally {
    closeSync(file);
  }
}
