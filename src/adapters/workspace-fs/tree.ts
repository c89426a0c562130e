/** Files that a step names by patterns: told by content, and put back (S-15, I-32). */
import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { glob, lstat, open, realpath, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { toError } from "../../core/errors.ts";
import type { Digest } from "../../core/ids.ts";
import type { CacheContent, DeclaredFile, DeclaredFiles, Restored, WorkspaceTree } from "../../ports/cache.ts";
import { handlePath, isBelow, modeOf, type OpenDirectory, openDirectory, Refusal, segmentsOf } from "./below.ts";
import type { FileDigests } from "./file-digests.ts";
import { createSweep, type Sweep, temporaryName } from "./leftovers.ts";

/** More are no declaration but a mistake, such as a pattern that takes in all of `node_modules`. */
const FILES_MAX = 100_000;
/** A pattern takes in these only if it names them: every run changes them. */
const OWN_NAMES = [".git", ".troupe"];
/** Open files are few on some machines. */
const AT_ONCE = 16;

export function createWorkspaceTree(digests: FileDigests): WorkspaceTree {
  const sweep = createSweep();
  return {
    async list(root, patterns): Promise<DeclaredFiles> {
      if (patterns.length === 0) return { ok: true, files: [], unmatched: [] };
      try {
        return await listBelow(await realpath(root), patterns, digests);
      } catch (thrown) {
        return { ok: false, problem: toError(thrown).message };
      }
    },
    content: (root, { path, bytes }) => ({
      bytes,
      open: () => createReadStream(join(root, path), { flags: "r" }) as AsyncIterable<Uint8Array>, // Without an encoding it gives bytes.
    }),
    async restore(root, files, read): Promise<Restored> {
      try {
        return await restoreBelow(await realpath(root), files, read, digests, sweep);
      } catch (thrown) {
        if (thrown instanceof Damage) return { ok: false, because: "content", problem: thrown.message };
        return { ok: false, because: "path", problem: `its files cannot be put back: ${toError(thrown).message}` };
      }
    },
  };
}

async function listBelow(root: string, patterns: readonly string[], digests: FileDigests): Promise<DeclaredFiles> {
  const paths = new Set<string>();
  const unmatched: string[] = [];
  for (const pattern of patterns) {
    let found = 0;
    for await (const path of matches(root, pattern)) {
      found += 1;
      paths.add(path);
      if (paths.size > FILES_MAX) return { ok: false, problem: `\`${pattern}\` brings the declared files above ${FILES_MAX}` };
    }
    if (found === 0) unmatched.push(pattern);
  }
  const sorted = [...paths].sort();
  const files: DeclaredFile[] = [];
  for (let at = 0; at < sorted.length; at += AT_ONCE) {
    const chunk = sorted.slice(at, at + AT_ONCE).map(async (path) => {
      const digest = await digests.of(await insideOf(root, path));
      return digest === null ? [] : [{ path, ...digest }];
    });
    files.push(...(await Promise.all(chunk)).flat());
  }
  return { ok: true, files, unmatched };
}

/** Plain files, and links to such; a pattern that names a directory means all of it. */
async function* matches(root: string, pattern: string): AsyncIterable<string> {
  segmentsOf(pattern.endsWith("/") ? `${pattern}x` : pattern);
  const wanted = pattern.endsWith("/") ? `${pattern}**` : pattern;
  const exclude = ({ name }: { readonly name: string }): boolean => OWN_NAMES.includes(name) && !pattern.includes(name);
  for await (const entry of glob(wanted, { cwd: root, withFileTypes: true, exclude })) {
    const path = join(entry.parentPath, entry.name);
    // Braces can hide a `..` that no segment shows.
    if (!isBelow(root, path)) throw new Refusal("PATH_OUTSIDE", `\`${pattern}\` leads out of the workspace`);
    if (entry.isDirectory()) {
      if (/[*?[{]/.test(pattern)) continue;
      yield* matches(root, `${pattern}/**`);
    } else if (entry.isFile() || entry.isSymbolicLink()) {
      if (entry.isSymbolicLink() && (await isDirectoryLink(root, path))) continue;
      yield path.slice(root.length + 1);
    }
  }
}

/** `glob` does not go through links to directories, so neither does a declaration. */
async function isDirectoryLink(root: string, path: string): Promise<boolean> {
  const target = await realpath(path);
  if (!isBelow(root, target)) throw new Refusal("PATH_OUTSIDE", `the link \`${path.slice(root.length + 1)}\` leads out of the workspace`);
  return (await lstat(target)).isDirectory();
}

async function insideOf(root: string, path: string): Promise<string> {
  const real = await realpath(join(root, path));
  if (!isBelow(root, real)) throw new Refusal("PATH_OUTSIDE", `the link \`${path}\` leads out of the workspace`);
  return real;
}

class Damage extends Error {}

interface Staged {
  readonly directory: OpenDirectory;
  /** The directory as a path that no renaming can change. */
  readonly base: string;
  readonly temporary: string;
  readonly target: string;
}

/** All are written beside their places before the first takes its place, so that damage found late changes nothing. */
async function restoreBelow(
  root: string,
  files: readonly DeclaredFile[],
  read: (digest: Digest) => Promise<CacheContent | null>,
  digests: FileDigests,
  sweep: Sweep,
): Promise<Restored> {
  const staged: Staged[] = [];
  let done = 0;
  try {
    for (const file of files) {
      if (await isThere(root, file, digests)) continue;
      const content = await read(file.sha256);
      if (content === null) throw new Damage(`the content of \`${file.path}\` is missing`);
      staged.push(await stage(root, file, content));
    }
    for (const { temporary, target, directory } of staged) {
      await rename(temporary, target);
      done += 1;
      await directory.handle.sync();
    }
    for (const { directory, base } of staged) await sweep(directory.path, base);
    return { ok: true, written: staged.length, unchanged: files.length - staged.length };
  } finally {
    for (const { temporary } of staged.slice(done)) await unlink(temporary).catch(() => undefined);
    for (const { directory } of staged) await directory.handle.close();
  }
}

async function isThere(root: string, file: DeclaredFile, digests: FileDigests): Promise<boolean> {
  try {
    const path = join(root, ...segmentsOf(file.path));
    if (path !== (await realpath(path))) return false;
    const digest = await digests.of(path);
    return digest !== null && digest.sha256 === file.sha256 && digest.isExecutable === file.isExecutable;
  } catch {
    return false; // Missing, or nothing that could be read: what follows says so.
  }
}

async function stage(root: string, file: DeclaredFile, content: CacheContent): Promise<Staged> {
  const segments = segmentsOf(file.path);
  const directory = await openDirectory(root, segments.slice(0, -1));
  try {
    const base = await handlePath(root, directory.handle, directory.path);
    const target = join(base, segments.at(-1) as string); // segmentsOf gives at least one.
    await modeOf(target);
    const temporary = join(base, temporaryName());
    await writeChecked(temporary, file, content);
    return { directory, base, temporary, target };
  } catch (thrown) {
    await directory.handle.close();
    throw thrown;
  }
}

async function writeChecked(temporary: string, file: DeclaredFile, content: CacheContent): Promise<void> {
  const mode = file.isExecutable ? 0o777 : 0o666;
  const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, mode);
  try {
    const hash = createHash("sha256");
    for await (const chunk of content.open()) {
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    if (hash.digest("hex") !== file.sha256) throw new Damage(`the content of \`${file.path}\` was changed`);
    await handle.sync();
  } catch (thrown) {
    await unlink(temporary).catch(() => undefined);
    throw thrown;
  } finally {
    await handle.close();
  }
}
