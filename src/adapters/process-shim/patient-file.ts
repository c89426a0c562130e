/**
 * A file that is made with its first byte, and waits for that while descriptors are short. A child that has ended gives back what it
 * had, so that there is one for its output at the end at the latest.
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";

/** What is held in memory meanwhile; a stream that prints more keeps its beginning only. */
const HELD_MAX_BYTES = 256 * 1024;

export interface PatientFile {
  /** @throws when the file cannot be written, or too much waits for it */
  write(part: Buffer, at: number): void;
  read(length: number, at: number): Buffer;
  /** Writes what waits. @throws when the file cannot even be opened now */
  settle(): void;
  close(): void;
}

export type OpenFile = (path: string) => number;
const openNew: OpenFile = (path) => openSync(path, "wx+", 0o600);

export function createPatientFile(path: string, open: OpenFile = openNew): PatientFile {
  let file: number | null = null;
  let held: { readonly part: Buffer; readonly at: number }[] = [];
  let heldBytes = 0;

  function put(to: number, part: Buffer, at: number): void {
    for (let sent = 0; sent < part.length; ) sent += writeSync(to, part, sent, part.length - sent, at + sent);
  }

  function opened(): number {
    if (file !== null) return file;
    file = open(path);
    for (const { part, at } of held) put(file, part, at);
    held = [];
    return file;
  }

  return {
    write(part, at) {
      let to: number;
      try {
        to = opened();
      } catch (error) {
        heldBytes += part.length;
        if (!isShortage(error) || heldBytes > HELD_MAX_BYTES) throw error;
        held.push({ part: Buffer.from(part), at });
        return;
      }
      put(to, part, at);
    },
    read(length, at) {
      const part = Buffer.alloc(length);
      if (file !== null) readSync(file, part, 0, length, at);
      return part;
    },
    settle() {
      if (held.length > 0) opened();
    },
    close() {
      if (file !== null) closeSync(file);
    },
  };
}

function isShortage(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EMFILE" || code === "ENFILE";
}
