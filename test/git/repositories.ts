/** Repositories made for a test, and the adapter on them. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createSystemClock } from "../../src/adapters/clock-system/clock.ts";
import { createWorktrees, type WorktreesOptions } from "../../src/adapters/git-cli/worktrees.ts";
import type { RunId } from "../../src/core/ids.ts";
import type { WorktreeOrder, Worktrees } from "../../src/ports/worktrees.ts";
import { writeFiles } from "./write-files.ts";

export interface TestRepository {
  /** Of the test; the repository is in `repo`, the state directory in `state`. */
  readonly home: string;
  readonly root: string;
  readonly worktrees: Worktrees;
  /** A person's git, with the person's own configuration left out. */
  git(...words: readonly string[]): string;
  /** The same elsewhere. */
  gitIn(directory: string, ...words: readonly string[]): string;
  write(files: Readonly<Record<string, string>>): void;
  commit(files: Readonly<Record<string, string>>, message?: string): string;
  order(step: string, differs?: Partial<WorktreeOrder>): WorktreeOrder;
}

/** In memory where there is such a place: a test of many repositories would wait for the disk most of its time. */
export const TEMPORARY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export const RUN = `run_${"1".repeat(32)}` as RunId;

const PERSON = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "P",
  GIT_AUTHOR_EMAIL: "p@example.org",
  GIT_COMMITTER_NAME: "P",
  GIT_COMMITTER_EMAIL: "p@example.org",
};

export function makeRepository(files: Readonly<Record<string, string>> = { "README.md": "hello\n" }): TestRepository {
  const home = realpathSync(mkdtempSync(join(TEMPORARY, "troupe-git-")));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const root = join(home, "repo");
  mkdirSync(root);
  mkdirSync(join(home, "state"));
  const made = repositoryAt(home);
  made.git("init", "-q", "-b", "main");
  made.commit(files, "start");
  return made;
}

export function repositoryAt(home: string, options: Partial<WorktreesOptions> = {}): TestRepository {
  const root = join(home, "repo");
  let steps = 0;
  const gitIn = (directory: string, ...words: readonly string[]): string =>
    execFileSync("git", words, { cwd: directory, encoding: "utf8", env: { PATH: process.env.PATH, HOME: home, ...PERSON }, stdio: "pipe" });
  const write = (files: Readonly<Record<string, string>>): void => writeFiles(root, files);
  return {
    home,
    root,
    worktrees: createWorktrees({
      directory: join(home, "state"),
      clock: createSystemClock(),
      path: process.env.PATH ?? "",
      patienceMs: 2_000,
      ...options,
    }),
    git: (...words) => gitIn(root, ...words),
    gitIn,
    write,
    commit(files, message = "change") {
      write(files);
      gitIn(root, "add", "-A");
      gitIn(root, "commit", "-q", "--allow-empty", "-m", message);
      return gitIn(root, "rev-parse", "HEAD").trim();
    },
    order: (step, differs = {}) => ({
      runId: RUN,
      step,
      name: { step, item: null },
      order: [steps++, 0],
      attempt: 1,
      workspace: root,
      base: null,
      needsOthers: false,
      merge: "queue",
      discard: false,
      ...differs,
    }),
  };
}

/** Does a step's work from beginning to end. */
export async function produce(
  { worktrees }: Pick<TestRepository, "worktrees">,
  order: WorktreeOrder,
  files: Readonly<Record<string, string>>,
): ReturnType<Worktrees["merge"]> {
  const worktree = await worktrees.open(order);
  writeFiles(worktree.workspace, files);
  await worktrees.commit(worktree, { kind: "succeeded", output: null });
  return await worktrees.merge(worktree, new AbortController().signal, () => undefined);
}
