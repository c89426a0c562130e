/** The state directory: private to its user, and recognisable. */
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { toError } from "../../core/errors.ts";
import { unusable } from "./connection.ts";

export const DATABASE = "troupe.db";

/** Bits for group and others. */
const FOREIGN_ACCESS = 0o077;

/** Creates it if need be. @throws FencedError STORE_UNUSABLE when others may read it, or when it is something else (I-40). */
export function prepareDirectory(directory: string): void {
  try {
    const made = makeDirectory(resolve(directory));
    if (made === undefined) admit(directory);
    else keepNames(made, resolve(directory));
    const ignore = join(directory, ".gitignore");
    if (!existsSync(ignore)) writeFileSync(ignore, "*\n", { mode: 0o600 });
    // SQLite gives the files beside it the mode of this one.
    createFile(join(directory, DATABASE));
  } catch (thrown) {
    const error = toError(thrown) as NodeJS.ErrnoException;
    if (error.code === "STORE_UNUSABLE") throw error;
    throw unusable(
      `the state directory cannot be made or written (${error.code ?? error.message})`,
      "Check its path and permissions.",
      thrown,
    );
  }
}

/**
 * Answers with the first directory that was made, undefined when it was there. Not by Node's `recursive`, which tries for ever where
 * nothing can be made and the reason is said to be a missing parent: below /proc, or where the place of a mount has been deleted.
 */
function makeDirectory(directory: string): string | undefined {
  const missing: string[] = [];
  for (let path = directory; !existsSync(path); path = dirname(path)) missing.push(path);
  if (missing.length === 0) {
    if (statSync(directory).isDirectory()) return undefined;
    throw Object.assign(new Error(`${directory} is no directory`), { code: "ENOTDIR" });
  }
  let first: string | undefined;
  for (const path of missing.toReversed()) {
    try {
      mkdirSync(path, 0o700);
      first ??= path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      if (path === directory) return undefined; // Somebody else was faster.
    }
  }
  return first;
}

/** What a directory answers that may be written but not read, or a file system that keeps names in its own way. */
const CANNOT_SYNC: readonly unknown[] = ["EACCES", "EPERM", "EINVAL", "ENOTSUP"];

/** New directories survive a power cut when those that hold their names are on disk (I-43); SQLite sees to the names inside. */
function keepNames(first: string, last: string): void {
  for (let made = last; made !== dirname(made); made = dirname(made)) {
    syncNames(dirname(made));
    if (made === first) return;
  }
}

function syncNames(directory: string): void {
  if (process.platform === "win32") return; // Directories cannot be opened there.
  let descriptor: number | null = null;
  try {
    descriptor = openSync(directory, "r");
    fsyncSync(descriptor);
  } catch (error) {
    if (!CANNOT_SYNC.includes((error as NodeJS.ErrnoException).code)) throw error;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/**
 * Makes a file that is not there, and never opens one that is: closing any descriptor of a file drops every lock that this process
 * holds on it, and SQLite's are such locks.
 */
export function createFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function admit(directory: string): void {
  if (!isOpenToOthers(directory)) return;
  // An empty directory made by hand may be taken over; a full one may be anybody's.
  if (readdirSync(directory).length > 0) {
    throw unusable("other users may read the state directory", `Run \`chmod 700 ${directory}\`, or give another one with \`--state\`.`);
  }
  chmodSync(directory, 0o700);
}

export function isOpenToOthers(directory: string): boolean {
  return process.platform !== "win32" && (statSync(directory).mode & FOREIGN_ACCESS) !== 0;
}
