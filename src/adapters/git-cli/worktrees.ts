/** Worktrees by git's command line. What is promised stands at the port (WT1–WT4). */
import { existsSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Clock } from "../../ports/clock.ts";
import type { WorktreeCrashPoint, Worktrees } from "../../ports/worktrees.ts";
import { type AttemptWorkOptions, createAttemptWork } from "./attempt-work.ts";
import { createGit } from "./git.ts";
import { createLeftWork } from "./left-work.ts";
import { reconcile } from "./reconcile.ts";
import { createRecords } from "./records.ts";
import { createRepositoryFinder } from "./repository.ts";
import { createTurns } from "./turns.ts";

export interface WorktreesOptions {
  /** State directory; worktrees are below `worktrees`, views of repositories below `git`. */
  readonly directory: string;
  readonly clock: Clock;
  /** Where git is looked for, as in the environment variable. */
  readonly path: string;
  /** @defaultValue does nothing */
  readonly reach?: (point: WorktreeCrashPoint) => void;
  /** How long another git process may hold the index where a target is checked out. @defaultValue LOCK_PATIENCE_MS_DEFAULT */
  readonly patienceMs?: number;
}

/** A person's git holds it for moments. */
const LOCK_PATIENCE_MS_DEFAULT = 10_000;

export function createWorktrees({
  directory,
  clock,
  path,
  reach = () => undefined,
  patienceMs = LOCK_PATIENCE_MS_DEFAULT,
}: WorktreesOptions): Worktrees {
  // git tells paths without links, and they are compared.
  const home = existsSync(directory) ? realpathSync(directory) : resolve(directory);
  const views = join(home, "git");
  const records = createRecords(join(home, "worktrees"));
  const finder = createRepositoryFinder(createGit(path), views);
  const options: AttemptWorkOptions = { records, finder, turns: createTurns(), reach, patienceMs, now: () => clock.now() };
  return {
    ...createAttemptWork(options),
    ...createLeftWork(options),
    async reconcile(isOpen) {
      // What merges and radars tried is of no use any more; the view is made again when it is needed.
      await rm(views, { recursive: true, force: true });
      return await reconcile(isOpen, options);
    },
  };
}
