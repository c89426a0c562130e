/**
 * Paths below a root (S-15, I-32, F-50). A directory is opened once and everything after happens through that handle, so that exchanging
 * it for a link between check and use leads nowhere.
 */
import { constants, existsSync } from "node:fs";
import { type FileHandle, lstat, mkdir, open, realpath } from "node:fs/promises";
import { join, sep } from "node:path";

/** Longest name of a file in bytes on the file systems in use. */
const NAME_MAX_BYTES = 255;

export class Refusal extends Error {
  readonly code: string;
  constructor(code: string, problem: string) {
    super(problem);
    this.code = code;
  }
}

/** Decoded once, by whoever parsed the workflow; `%2e%2e` is a name like any other. */
export function segmentsOf(path: string): readonly string[] {
  if (path.includes("\0") || path.includes("\\")) throw new Refusal("PATH_OUTSIDE", "a path may hold neither NUL nor backslash");
  if (path.startsWith("/")) throw new Refusal("PATH_OUTSIDE", "it is absolute; paths are relative to the workspace");
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  if (segments.includes("..")) throw new Refusal("PATH_OUTSIDE", "`..` could lead out of the workspace");
  if (segments.length === 0 || path.endsWith("/")) throw new Refusal("PATH_IS_DIRECTORY", "it names a directory");
  if (segments.some((segment) => Buffer.byteLength(segment) > NAME_MAX_BYTES))
    throw new Refusal("PATH_NAME_TOO_LONG", `a name may have ${NAME_MAX_BYTES} bytes`);
  return segments;
}

export interface OpenDirectory {
  readonly handle: FileHandle;
  readonly path: string;
}

/** Goes down one directory after another; a link is followed only when it stays below the root. */
export async function openDirectory(root: string, segments: readonly string[]): Promise<OpenDirectory> {
  let path = root;
  for (const segment of segments) {
    path = join(path, segment);
    await mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    path = await realpath(path);
    if (!isBelow(root, path)) throw new Refusal("PATH_OUTSIDE", "a link leads out of the workspace");
  }
  return { handle: await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW), path };
}

/** The opened directory as a path that no renaming can change, once it is sure that it lies below the root. */
export async function handlePath(root: string, handle: FileHandle, path: string): Promise<string> {
  const byHandle = `/proc/self/fd/${handle.fd}`;
  if (!existsSync(byHandle)) return path;
  if (!isBelow(root, await realpath(byHandle))) throw new Refusal("PATH_OUTSIDE", "its directory was exchanged meanwhile");
  return byHandle;
}

/** Mode of the file that is replaced; null when there is none. Only a plain file is ever replaced. */
export async function modeOf(target: string): Promise<number | null> {
  const stat = await lstat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (stat === null) return null;
  if (stat.isDirectory()) throw new Refusal("PATH_IS_DIRECTORY", "a directory has that name");
  if (stat.isSymbolicLink()) throw new Refusal("PATH_IS_LINK", "a link has that name");
  if (!stat.isFile()) throw new Refusal("PATH_NOT_A_FILE", "something that is no plain file has that name");
  return stat.mode & 0o777;
}

export function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}
