/** Branches and other refs of the repository. Names from outside are checked by git itself before they are used (S-9, S-10). */
import { setTimeout as sleep } from "node:timers/promises";
import { type GitResult, splitNul, toBytes, toReadable } from "./git.ts";
import { branchRef } from "./names.ts";
import { GitProblem } from "./problem.ts";
import type { Repository } from "./repository.ts";

const OBJECT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
const SHORT_OBJECT = /^[0-9a-f]{7,64}$/;

/** The branch that is checked out where the workspace is, and its commit. */
export interface Head {
  /** Full ref; null when HEAD is detached. */
  readonly ref: string | null;
  readonly commit: string;
}

/** What a base means: where to start, and the branch to merge into. */
export interface Base {
  readonly base: string;
  readonly target: string | null;
}

/** @throws GitProblem GIT_NO_COMMIT */
export async function readHead(repository: Repository): Promise<Head> {
  const { code, stdout } = await repository.refs(["symbolic-ref", "--quiet", "HEAD"], { answers: [0, 1] });
  const ref = code === 0 ? stdout.trimEnd() : null;
  const commit = await readCommit(repository, "HEAD");
  if (commit === null)
    throw new GitProblem("GIT_NO_COMMIT", `The branch in ${repository.root} has no commit yet.`, { hint: "Make a first commit." });
  return { ref, commit };
}

/** The commit that a ref, or an object's name, leads to; null when there is none. Never anything but such a name. */
export async function readCommit(repository: Repository, name: string): Promise<string | null> {
  const words = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
  const { stdout } = await repository.refs(words, { answers: [0, 1, 128] });
  const commit = stdout.trimEnd();
  return OBJECT.test(commit) ? commit : null;
}

/**
 * A branch is also where the work goes; a tag, a remote's branch or a commit is only where it starts, and it goes to the workspace's
 * branch. Other notations, such as `HEAD~1`, are not read: some of them search, and some run long.
 *
 * @throws GitProblem GIT_UNKNOWN_BASE
 */
export async function resolveBase(repository: Repository, base: string, head: Head): Promise<Base> {
  if (await isRefName(repository, base)) {
    const branch = branchRef(base);
    const tip = await readCommit(repository, branch);
    if (tip !== null) return { base: tip, target: branch };
    for (const ref of [`refs/tags/${base}`, `refs/remotes/${base}`]) {
      const commit = await readCommit(repository, ref);
      if (commit !== null) return { base: commit, target: head.ref };
    }
  }
  const commit = SHORT_OBJECT.test(base) ? await readCommit(repository, base) : null;
  if (commit !== null) return { base: commit, target: head.ref };
  throw new GitProblem("GIT_UNKNOWN_BASE", `There is no branch, tag or commit \`${base}\` to start from.`, {
    hint: "Name a branch, a tag, a remote's branch such as `origin/main`, or a commit by its hexadecimal name.",
  });
}

async function isRefName(repository: Repository, name: string): Promise<boolean> {
  if (name.startsWith("-") || name.includes("\0")) return false;
  const { code } = await repository.refs(["check-ref-format", branchRef(name)], { answers: [0, 1] });
  return code === 0;
}

/**
 * Moves a ref if it is still where the caller thinks it is; `null` for absent. False when it is not.
 *
 * @throws GitProblem GIT_LOCKED
 */
export async function moveRef(repository: Repository, ref: string, from: string | null, to: string, why: string): Promise<boolean> {
  const before = from ?? "";
  try {
    await repository.refs(["update-ref", "--no-deref", "--create-reflog", "-m", why, ref, to, before]);
    return true;
  } catch (thrown) {
    // Asked rather than read from its words: did it move, or is something else wrong?
    const now = await readCommit(repository, ref);
    if (now === to) return true;
    if (now !== from) return false;
    throw thrown;
  }
}

export async function deleteRef(repository: Repository, ref: string): Promise<void> {
  await repository.refs(["update-ref", "--no-deref", "-d", ref]);
}

/** Refs below a prefix with their commits. */
export async function listRefs(repository: Repository, prefix: string): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await repository.refs(["for-each-ref", "--format=%(objectname) %(refname)", prefix]);
  return new Map(
    stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => [toReadable(line.slice(line.indexOf(" ") + 1)), line.slice(0, line.indexOf(" "))]),
  );
}

/** Working trees as git has them on record. */
export interface RegisteredTree {
  readonly path: string;
  /** Full ref; null when detached or bare. */
  readonly ref: string | null;
  readonly isLocked: boolean;
  readonly isBare: boolean;
}

/** What git says when it looks at a worktree that another process is just about to register or to remove. */
const HALF_REGISTERED = /failed to read .*(commondir|gitdir)|\/worktrees\/[^ ]*: No such file/;
const TRIES_MAX = 20;
const TRY_EVERY_MS = 25;

/** Every command on worktrees looks at all of them first, and stumbles over those that come and go. */
export async function runOnTrees(repository: Repository, words: readonly string[]): Promise<GitResult> {
  for (let tries = 1; ; tries++) {
    try {
      return await repository.refs(["worktree", ...words]);
    } catch (thrown) {
      if (tries === TRIES_MAX || !(thrown instanceof GitProblem) || !HALF_REGISTERED.test(thrown.message)) throw thrown;
      await sleep(TRY_EVERY_MS);
    }
  }
}

export async function listTrees(repository: Repository): Promise<readonly RegisteredTree[]> {
  const { stdout } = await runOnTrees(repository, ["list", "--porcelain", "-z"]);
  const trees: RegisteredTree[] = [];
  let lines: string[] = [];
  for (const line of splitNul(stdout)) {
    if (line !== "") {
      lines.push(line);
      continue;
    }
    const value = (name: string): string | undefined => lines.find((each) => each.startsWith(`${name} `))?.slice(name.length + 1);
    const path = value("worktree");
    const branch = value("branch");
    if (path !== undefined)
      trees.push({
        path: toReadable(path),
        ref: branch === undefined ? null : toReadable(branch),
        isLocked: lines.some((each) => each === "locked" || each.startsWith("locked ")),
        isBare: lines.includes("bare"),
      });
    lines = [];
  }
  return trees;
}

/** Tells whether all of `commit` is in `tip` already. */
export async function isWithin(repository: Repository, commit: string, tip: string): Promise<boolean> {
  const { code } = await repository.view(["merge-base", "--is-ancestor", commit, tip], { answers: [0, 1] });
  return code === 0;
}

export async function treeOf(repository: Repository, commit: string): Promise<string> {
  const { stdout } = await repository.view(["rev-parse", "--verify", "--end-of-options", `${commit}^{tree}`]);
  return stdout.trimEnd();
}

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly objects?: "repository" | "scratch";
}

export async function writeCommit(repository: Repository, { tree, parents, message, at, objects }: NewCommit): Promise<string> {
  const words = ["commit-tree", ...parents.flatMap((parent) => ["-p", parent]), "-F", "-", tree];
  const { stdout } = await repository.view(words, { stdin: toBytes(message), at, ...(objects !== undefined && { objects }) });
  return stdout.trimEnd();
}
