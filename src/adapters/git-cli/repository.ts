/** Finds the repository around a directory by looking at files alone, and knows where it is safe to run git on it. */
import { createHash } from "node:crypto";
import { lstat, readFile, realpath } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { Git, GitOptions, GitPlace, GitResult } from "./git.ts";
import { GitProblem } from "./problem.ts";
import { openView, type View, type ViewOptions } from "./view.ts";

export interface Repository {
  /** Top of the working tree around the workspace, without links. */
  readonly root: string;
  /** Of that working tree. */
  readonly gitDir: string;
  /** What all working trees share: refs and objects. */
  readonly commonDir: string;
  /** The workspace, from the root; empty when it is the root. */
  readonly prefix: string;
  /** Directory for what is tried and not kept. */
  readonly scratch: string;
  /** Runs a command on refs, HEAD or the list of worktrees (G2). */
  refs(words: readonly string[], options?: GitOptions): Promise<GitResult>;
  /** Runs a command on objects and files in the view (G1). New objects go where `objects` says. */
  view(words: readonly string[], options?: ViewOptions): Promise<GitResult>;
}

export interface RepositoryFinder {
  /** @throws GitProblem GIT_NO_REPOSITORY, GIT_UNSAFE */
  find(workspace: string): Promise<Repository>;
}

const POINTER_MAX_BYTES = 4 * 1024;

/** `directory` holds the views; each is made once for a process. */
export function createRepositoryFinder(git: Git, directory: string): RepositoryFinder {
  const views = new Map<string, Promise<View>>();
  return {
    async find(workspace) {
      const from = await realpath(workspace).catch((cause: unknown) => {
        throw new GitProblem("GIT_NO_REPOSITORY", `The workspace ${workspace} cannot be reached.`, { cause });
      });
      const { path: root, gitDir, commonDir } = await findTree(await findRoot(from));
      const id = createHash("sha256").update(commonDir).digest("hex").slice(0, 16);
      const opening = views.get(id) ?? openView(git, commonDir, join(directory, id));
      views.set(id, opening);
      opening.catch(() => views.delete(id));
      const view = await opening;
      const shared: GitPlace = { gitDir };
      return {
        root,
        gitDir,
        commonDir,
        prefix: relative(root, from),
        scratch: join(directory, id, "peek"),
        refs: (words, options) => git(shared, words, options),
        view: (words, options = {}) => git(view.place(options), words, options),
      };
    },
  };
}

/** A working tree by its top. @throws GitProblem GIT_UNSAFE */
export async function findTree(path: string): Promise<{ readonly path: string; readonly gitDir: string; readonly commonDir: string }> {
  const gitDir = await findGitDir(path);
  return { path, gitDir, commonDir: await findCommonDir(gitDir) };
}

async function findRoot(from: string): Promise<string> {
  for (let at = from; ; at = dirname(at)) {
    const found = await lstat(join(at, ".git")).catch(() => null);
    if (found !== null) return at;
    if (at === dirname(at))
      throw new GitProblem("GIT_NO_REPOSITORY", `${from} is in no git repository.`, {
        hint: "Run the workflow in a repository (`git init`), or remove `isolation` from the step.",
      });
  }
}

/** A link may lead to a directory that is part of somebody's checkout. git follows it; we do not. */
async function findGitDir(root: string): Promise<string> {
  const path = join(root, ".git");
  const found = await lstat(path);
  if (found.isDirectory()) return path;
  if (!found.isFile())
    throw new GitProblem("GIT_UNSAFE", `${path} is neither a directory nor a file.`, { hint: "Replace the link by the directory itself." });
  const pointer = await readPointer(path, "gitdir: ");
  return await realpath(resolve(root, pointer));
}

async function findCommonDir(gitDir: string): Promise<string> {
  const path = join(gitDir, "commondir");
  const isLinked = await lstat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  const commonDir = isLinked ? await realpath(resolve(gitDir, await readPointer(path, ""))) : await realpath(gitDir);
  if (/["\n]/.test(commonDir)) throw new GitProblem("GIT_UNSAFE", `The path ${JSON.stringify(commonDir)} cannot be used.`);
  return commonDir;
}

async function readPointer(path: string, start: string): Promise<string> {
  const { size } = await lstat(path);
  const text = size > POINTER_MAX_BYTES ? "" : (await readFile(path, "utf8")).trimEnd();
  if (!text.startsWith(start) || text.length === start.length || text.includes("\0"))
    throw new GitProblem("GIT_UNSAFE", `${path} is not what git writes there.`);
  return text.slice(start.length);
}
