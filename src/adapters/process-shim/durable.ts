/** Files that are whole or absent, also after a power cut. */
import { closeSync, constants, fstatSync, fsync, linkSync, openSync, readSync, renameSync, unlinkSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Writes tmp, fsync, rename, fsync(directory) (I-32). Only the syncs leave the thread: on a slow disk they must not hold up the
 * deadlines of other attempts (F-12), the rest is quicker done than handed over.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, "w", 0o600);
  try {
    writeSync(file, text);
    await sync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  const directory = openSync(dirname(path), "r");
  try {
    await sync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Writes a file that nobody ever sees half, without syncing. */
export function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

/** Creates a file with its content in one step; false when it exists already. */
export function createWhole(path: string, text: string): boolean {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
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

function sync(file: number): Promise<void> {
  return new Promise((resolve, reject) => fsync(file, (error) => (error === null ? resolve() : reject(error))));
}
