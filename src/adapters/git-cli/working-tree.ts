/** Files of one worktree: written from a commit, and read back as a tree. All of it happens in the view (G1). */
import { existsSync } from "node:fs";
import { copyFile, lstat, mkdir, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { splitNul, toBytes } from "./git.ts";
import type { Repository } from "./repository.ts";

const GITLINK = "160000";

export interface WorkingTree {
  readonly path: string;
  /** Index of ours; the one that people and workers see in the worktree is a copy of its first state. */
  readonly index: string;
}

/** Writes all files of a commit into an empty directory. Submodules stay empty directories. */
export async function writeFiles(repository: Repository, { path, index }: WorkingTree, commit: string): Promise<void> {
  await repository.view(["read-tree", "--reset", "-u", commit], { workTree: path, index });
}

/**
 * The tree of what is in the directory now. Whether the worker staged or committed it is all the same; what is ignored counts when the
 * worker did one of both, as `workerIndex` tells. A repository inside it is left out, and so is what a worker did to a submodule: git
 * would have to look into them, with their configuration.
 */
export async function readFiles(
  repository: Repository,
  { path, index }: WorkingTree,
  objects: "repository" | "scratch",
  workerIndex: string | null,
): Promise<string> {
  const options = { workTree: path, index };
  const list = async (...words: readonly string[]): Promise<readonly string[]> =>
    splitNul((await repository.view(["ls-files", "-z", ...words], options)).stdout);
  const [modified, untracked, forced] = await Promise.all([
    list("--stage", "--modified").then(pathsOf),
    list("--others", "--exclude-standard").then((entries) => entries.filter((entry) => !entry.endsWith("/"))),
    workerIndex === null ? [] : list("--cached").then((known) => forcedPaths(repository, workerIndex, known)),
  ]);
  const there: string[] = [];
  const gone: string[] = [];
  for (const each of new Set([...modified, ...untracked, ...forced])) ((await isFile(path, each)) ? there : gone).push(each);
  // Paths that became directories first, so that what is in them finds room.
  for (const [words, paths] of [
    [["--force-remove"], gone],
    [["--add", "--remove", "--replace"], there],
  ] as const)
    if (paths.length > 0)
      await repository.view(["update-index", ...words, "-z", "--stdin"], { ...options, objects, stdin: `${paths.join("\0")}\0` });
  const { stdout } = await repository.view(["write-tree"], { index, objects });
  return stdout.trimEnd();
}

/** Paths of entries with their mode, submodules apart. */
function pathsOf(entries: readonly string[]): readonly string[] {
  return entries.filter((entry) => !entry.startsWith(GITLINK)).map((entry) => entry.slice(entry.indexOf("\t") + 1));
}

/** What the worker's own index has and ours has not. One that cannot be read says nothing. */
async function forcedPaths(repository: Repository, workerIndex: string, known: readonly string[]): Promise<readonly string[]> {
  const ours = new Set(known);
  const found = await repository.view(["ls-files", "-z", "--stage"], { index: workerIndex }).catch(() => ({ stdout: "" }));
  return pathsOf(splitNul(found.stdout)).filter((path) => !ours.has(path));
}

async function isFile(root: string, path: string): Promise<boolean> {
  const found = await lstat(fileOf(root, path)).catch(() => null);
  return found !== null && (found.isFile() || found.isSymbolicLink());
}

/** A path in bytes, below a directory of ours. */
export function fileOf(root: string, path: string): Buffer {
  return Buffer.from(`${toBytes(root)}/${path}`, "latin1");
}

/**
 * The same without touching anything that lasts, for a look at a worker that is still writing. `copy` is an index for looks alone; it
 * learns from each.
 */
export async function peekFiles(repository: Repository, { path, index }: WorkingTree, copy: string): Promise<string> {
  if (!existsSync(copy)) {
    await mkdir(dirname(copy), { recursive: true, mode: 0o700 });
    await copyIndex(index, copy);
    await repository.view(["update-index", "-q", "--refresh"], { workTree: path, index: copy, answers: [0, 1] });
  }
  return await readFiles(repository, { path, index: copy }, "scratch", null);
}

/** Least time by which a copy is older than what it was copied from. */
const OLDER_BY_MS = 1;

/**
 * git takes a file for unchanged when size and time are as in the index, unless the time is that of the index itself or later: then the
 * file may have changed since within one tick of the clock. A copy must not look younger than that.
 */
export async function copyIndex(from: string, to: string): Promise<void> {
  const { mtimeMs } = await stat(from);
  await copyFile(from, to);
  const at = (Math.floor(mtimeMs) - OLDER_BY_MS) / 1_000;
  await utimes(to, at, at);
}

/** What became of a path between two commits. Mode and object are those of the second one. */
export interface Change {
  readonly what: "A" | "D" | "M" | "T";
  readonly mode: string;
  readonly id: string;
}

/** Paths (bytes) that differ between two trees or commits. */
export async function changedPaths(
  repository: Repository,
  from: string,
  to: string,
  objects: "repository" | "scratch" = "repository",
): Promise<ReadonlyMap<string, Change>> {
  const words = ["diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv", from, to];
  const members = splitNul((await repository.view(words, { objects })).stdout);
  const changed = new Map<string, Change>();
  for (let at = 0; at + 1 < members.length; at += 2) {
    const [, mode = "", , id = "", what = ""] = (members[at] ?? "").split(" ");
    // Without renames, copies and unmerged paths, these four are all that git tells.
    changed.set(members[at + 1] ?? "", { what: what as Change["what"], mode, id });
  }
  return changed;
}
