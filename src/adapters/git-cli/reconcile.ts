/** What a new engine does about worktrees of those before it. Of runs that go on, everything is left to their attempts. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Reconciled, RunIsOpen } from "../../ports/worktrees.ts";
import type { AttemptWorkOptions } from "./attempt-work.ts";
import { breakStale } from "./index-lock.ts";
import { settleIntent } from "./integrate.ts";
import { close, keepAside, removeWorktree } from "./lifecycle.ts";
import { branchRef, leftRef } from "./names.ts";
import type { WorktreeRecord } from "./records.ts";
import { listRefs, listTrees, runOnTrees } from "./refs.ts";
import type { Repository } from "./repository.ts";
import { holdersOf } from "./target-files.ts";

type Done = "finished" | "removed" | "kept" | null;

export async function reconcile(isOpen: RunIsOpen, options: AttemptWorkOptions): Promise<Reconciled> {
  const { records, finder } = options;
  const counts = { finished: 0, removed: 0, kept: 0 };
  const problems: string[] = [];
  const found = await records.all(null, (file) => problems.push(`The record ${file} cannot be read.`));
  const glances = new Map<string, Glance>();
  for (const record of found) {
    try {
      const repository = await finder.find(record.order.workspace);
      const glance = glances.get(repository.commonDir) ?? (await glanceAt(repository));
      glances.set(repository.commonDir, glance);
      const done = await settle(glance, record, isOpen(record.order.runId), options);
      if (done !== null) counts[done] += 1;
    } catch (thrown) {
      problems.push(`${record.order.step} of ${record.order.runId}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  for (const { repository } of glances.values()) await unregisterStrangers(repository, found);
  for (const runId of await records.runs()) if (!isOpen(runId)) await records.forgetRun(runId);
  return { ...counts, problems };
}

/** What git has in a repository, asked once: most records say that nothing is left. */
interface Glance {
  readonly repository: Repository;
  readonly branches: ReadonlyMap<string, string>;
  readonly left: readonly string[];
  readonly trees: ReadonlySet<string>;
}

async function glanceAt(repository: Repository): Promise<Glance> {
  return {
    repository,
    branches: await listRefs(repository, "refs/heads/troupe/"),
    left: [...(await listRefs(repository, "refs/troupe/left/")).keys()],
    trees: new Set((await listTrees(repository)).map(({ path }) => path)),
  };
}

async function settle(glance: Glance, record: WorktreeRecord, isGoingOn: boolean, options: AttemptWorkOptions): Promise<Done> {
  const { repository } = glance;
  if (record.state === "merging" || record.state === "committed") await unlock(repository, record);
  const settled = await settleIntent(repository, record, options);
  const wasMerging = record.state === "merging" && settled.state === "merged";
  const done = await tidy(glance, settled, isGoingOn, options);
  return wasMerging ? "finished" : done;
}

async function tidy(glance: Glance, record: WorktreeRecord, isGoingOn: boolean, options: AttemptWorkOptions): Promise<Done> {
  const { repository } = glance;
  const { records } = options;
  switch (record.state) {
    case "merged":
    case "closed":
      if (isAnythingLeft(glance, record)) await close(repository, record, records);
      if (!isGoingOn && !isKeptAside(glance, record)) await records.remove(record);
      return null;
    case "manual":
    case "conflict":
      if (glance.trees.has(record.path) || existsSync(record.path)) await removeWorktree(repository, record, records);
      return null;
    case "committed":
    case "merging":
      if (isGoingOn) return "kept";
      await removeWorktree(repository, record, records);
      await records.write({ ...record, state: "manual", intent: null });
      return "removed";
    case "creating":
    case "live": {
      if (isGoingOn) return "kept";
      if (!record.order.discard) await keepAside(repository, record, options);
      await close(repository, record, records);
      return "removed";
    }
  }
}

function isAnythingLeft({ trees, branches }: Glance, { path, branch }: WorktreeRecord): boolean {
  return trees.has(path) || branches.has(branchRef(branch)) || existsSync(path);
}

function isKeptAside({ left }: Glance, { branch }: WorktreeRecord): boolean {
  const prefix = leftRef(branch, 0).slice(0, -1);
  return left.some((ref) => ref.startsWith(prefix));
}

/** A lock of ours in a place where the target is checked out; anybody else's stays. */
async function unlock(repository: Repository, { target }: WorktreeRecord): Promise<void> {
  if (target === null) return;
  for (const { gitDir } of (await holdersOf(repository, target)).places) await breakStale(join(gitDir, "index.lock"));
}

/** What git has registered in our directory and nobody has on record, once its files are gone too. Files nobody vouches for stay. */
async function unregisterStrangers(repository: Repository, found: readonly WorktreeRecord[]): Promise<void> {
  const known = new Set(found.map(({ path }) => path));
  const runs = new Set(found.map(({ path }) => dirname(path)));
  for (const { path } of await listTrees(repository)) {
    if (known.has(path) || !runs.has(dirname(path)) || existsSync(path)) continue;
    await runOnTrees(repository, ["remove", "--force", "--force", "--", path]);
  }
}
