/**
 * Files of a branch that is checked out somewhere follow it when it moves: all of them or none, and never over a change that is not in
 * a commit. The real index is locked all the while, and replaced whole at the end.
 */
import type { Stats } from "node:fs";
import { lstat, open, readFile, readlink, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { splitNul, toReadable } from "./git.ts";
import { lockIndex } from "./index-lock.ts";
import { GitProblem } from "./problem.ts";
import { listTrees } from "./refs.ts";
import { findTree, type Repository } from "./repository.ts";
import { type Change, changedPaths, copyIndex, fileOf } from "./working-tree.ts";

/** A working tree in which the target is checked out. */
export interface Place {
  readonly path: string;
  readonly gitDir: string;
}

/** Working trees that hold on to a branch. */
export interface Holders {
  readonly places: readonly Place[];
  /** Paths of those in which it is being rebased: git knows where it was, and would put it back there. */
  readonly rebasing: readonly string[];
}

export async function holdersOf(repository: Repository, target: string): Promise<Holders> {
  const places: Place[] = [];
  const rebasing: string[] = [];
  for (const { path, ref, isBare } of await listTrees(repository)) {
    if (isBare || (ref !== null && ref !== target)) continue;
    // The main one is where git says, and that may be the repository's word: it has to be a place with this very repository.
    const tree = await findTree(path).catch(() => null);
    if (tree === null || tree.commonDir !== repository.commonDir) continue;
    if (ref === target) places.push(tree);
    else if (await isRebasing(tree.gitDir, target)) rebasing.push(path);
  }
  return { places, rebasing };
}

/** HEAD is detached meanwhile. */
async function isRebasing(gitDir: string, target: string): Promise<boolean> {
  for (const kind of ["rebase-merge", "rebase-apply"]) {
    const name = await readFile(join(gitDir, kind, "head-name"), "utf8").catch(() => "");
    if (name.trimEnd() === target) return true;
  }
  return false;
}

export interface HeldPlace extends AsyncDisposable {
  readonly place: Place;
  /** Paths that keep the files from following; empty when nothing does. Comes before `follow`. */
  check(from: string, to: string): Promise<readonly string[]>;
  /** @throws GitProblem when a file changed since it was checked; then nothing was touched */
  follow(from: string, to: string): Promise<void>;
  /** The same after a crash: what is there already, whole or begun, is no obstacle, and a file changed since keeps its change. */
  finish(from: string, to: string): Promise<void>;
}

/** @throws GitProblem GIT_LOCKED */
export async function holdPlace(repository: Repository, place: Place, temporary: string, patienceMs: number): Promise<HeldPlace> {
  const lock = await lockIndex(place.gitDir, patienceMs);
  const real = join(place.gitDir, "index");
  const within = { workTree: place.path, index: temporary };

  async function takeIndex(): Promise<void> {
    await rm(temporary, { force: true });
    await copyIndex(real, temporary).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== "ENOENT") throw thrown; // Without an index, no file is known yet.
    });
    await repository.view(["update-index", "-q", "--refresh"], { ...within, answers: [0, 1] });
  }

  async function install(): Promise<void> {
    const beside = `${real}.troupe-${process.pid}`;
    await copyIndex(temporary, beside);
    const file = await open(beside, "r+");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, real);
  }

  async function move(from: string, to: string): Promise<void> {
    await repository.view(["read-tree", "-m", "-u", from, to], within);
    await install();
  }

  return {
    place,
    async check(from, to) {
      await takeIndex();
      const changed = await changedPaths(repository, from, to);
      const obstacles = await findObstacles(repository, place, temporary, changed);
      if (obstacles.length > 0) return obstacles.map(toReadable);
      try {
        await repository.view(["read-tree", "-n", "-m", "-u", from, to], within);
        return [];
      } catch (thrown) {
        return [thrown instanceof GitProblem ? thrown.message : String(thrown)];
      }
    },
    follow: move,
    async finish(from, to) {
      await takeIndex();
      await makeWay(repository, place, temporary, from, to);
      await move(from, to);
    },
    async [Symbol.asyncDispose]() {
      await rm(temporary, { force: true });
      await lock[Symbol.asyncDispose]();
    },
  };
}

/** Staged or unstaged changes in paths that the move touches, and files that are in no commit where it adds one, ignored ones too. */
async function findObstacles(
  repository: Repository,
  { path: root }: Place,
  index: string,
  changed: ReadonlyMap<string, Change>,
): Promise<readonly string[]> {
  const modified = await namesOf(repository, root, index, "--modified");
  const obstacles = [...changed.keys()].filter((path) => modified.has(path));
  const standing: string[] = [];
  for (const [path, { what }] of changed) if (what === "A") standing.push(...(await inTheWay(root, path)));
  if (standing.length === 0) return obstacles;
  const known = await namesOf(repository, root, index, "--cached");
  const found = new Set(obstacles);
  for (const path of new Set(standing)) for (const each of await strangers(repository, root, index, path, known)) found.add(each);
  return [...found];
}

/** What stands where a file is to be: itself, or a file where one of its directories is to be. */
async function inTheWay(root: string, path: string): Promise<readonly string[]> {
  for (let end = path.indexOf("/"); end > 0; end = path.indexOf("/", end + 1)) {
    const found = await lookAt(root, path.slice(0, end));
    if (found === null) return [];
    if (!found.isDirectory()) return [path.slice(0, end)];
  }
  return (await lookAt(root, path)) === null ? [] : [path];
}

/** Files at or below a path that are in no commit; git would take ignored ones for granted. */
async function strangers(
  repository: Repository,
  root: string,
  index: string,
  path: string,
  known: ReadonlySet<string>,
): Promise<readonly string[]> {
  if (known.has(path)) return [];
  if (!(await lookAt(root, path))?.isDirectory()) return [path];
  const { stdout } = await repository.view(["ls-files", "-z", "--others", "--", toReadable(path)], { workTree: root, index });
  return splitNul(stdout);
}

async function namesOf(
  repository: Repository,
  root: string,
  index: string,
  which: "--modified" | "--cached",
): Promise<ReadonlySet<string>> {
  const { stdout } = await repository.view(["ls-files", "-z", which], { workTree: root, index });
  return new Set(splitNul(stdout));
}

async function lookAt(root: string, path: string): Promise<Stats | null> {
  return await lstat(fileOf(root, path)).catch(() => null);
}

/**
 * Takes away what the interrupted move wrote, so that it can be repeated: files that are as they shall be, or the beginning of that. For
 * a file that somebody changed since, the index alone moves: the change is then one against the new commit.
 */
async function makeWay(repository: Repository, { path: root }: Place, index: string, from: string, to: string): Promise<void> {
  const modified = await namesOf(repository, root, index, "--modified");
  const known = await namesOf(repository, root, index, "--cached");
  for (const [path, { what, mode, id }] of await changedPaths(repository, from, to)) {
    const found = await lookAt(root, path);
    if (found === null || found.isDirectory() || (known.has(path) && !modified.has(path))) continue;
    if (what === "D") {
      await repository.view(["update-index", "--force-remove", "-z", "--stdin"], { index, stdin: `${path}\0` });
      continue;
    }
    const file = fileOf(root, path);
    const content = found.isSymbolicLink() ? await readlink(file, "latin1") : await readFile(file, "latin1");
    const wanted = (await repository.view(["cat-file", "blob", id])).stdout;
    if (wanted.startsWith(content)) await rm(file);
    else await repository.view(["update-index", "--add", "-z", "--index-info"], { index, stdin: `${mode} ${id}\t${path}\0` });
  }
}
