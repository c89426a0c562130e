/** How a worktree comes and goes; each act can be repeated after a crash in the middle of it (WT3). */
import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { WorktreeCrashPoint, WorktreeOrder } from "../../ports/worktrees.ts";
import { messageOf } from "./attribution.ts";
import { branchName, branchRef, leftRef } from "./names.ts";
import type { Records, WorktreeRecord } from "./records.ts";
import { deleteRef, listTrees, moveRef, readCommit, readHead, resolveBase, runOnTrees, treeOf, writeCommit } from "./refs.ts";
import type { Repository } from "./repository.ts";
import type { Turns } from "./turns.ts";
import { copyIndex, readFiles, writeFiles } from "./working-tree.ts";

export interface LifecycleOptions {
  readonly records: Records;
  readonly now: () => number;
  readonly reach: (point: WorktreeCrashPoint) => void;
  /** git's list of worktrees is changed by one at a time. */
  readonly turns: Turns;
}

/**
 * Where an attempt starts. A step that needs nothing starts from the commit at which its run found the workspace, whatever happened
 * since. One that needs others, or whose merge was refused before, starts from the target as it is now: their work is there.
 */
export async function computeStart(
  repository: Repository,
  order: WorktreeOrder,
  records: Records,
  isRefused: boolean,
): Promise<{ readonly base: string; readonly target: string | null }> {
  const start = await records.startPoint(order.runId, () => readHead(repository));
  if (order.base !== null) return await resolveBase(repository, order.base, await readHead(repository));
  const isLate = order.needsOthers || isRefused;
  const tip = isLate && start.ref !== null ? await readCommit(repository, start.ref) : null;
  return { base: tip ?? start.commit, target: start.ref };
}

/** Makes branch, worktree and files from nothing. */
export async function createWorktree(
  repository: Repository,
  order: WorktreeOrder,
  start: { readonly base: string; readonly target: string | null },
  { records, reach, turns }: LifecycleOptions,
): Promise<WorktreeRecord> {
  const path = records.pathOf(order);
  const branch = branchName(order.runId, order.name);
  const record = await records.write({
    version: 1,
    order,
    state: "creating",
    path,
    branch,
    ...start,
    commit: null,
    ended: null,
    intent: null,
    mergedAs: null,
    conflicts: [],
  });
  await turns.take(repository.commonDir, () => register(repository, record, { records, reach }));
  const index = records.indexOf(order);
  await writeFiles(repository, { path, index }, start.base);
  await copyIndex(index, join(await gitDirOf(path), "index"));
  await mkdir(join(path, repository.prefix), { recursive: true });
  return await records.write({ ...record, state: "live" });
}

/** A branch, and a worktree without files that git will not prune. */
async function register(
  repository: Repository,
  record: WorktreeRecord,
  { records, reach }: Pick<LifecycleOptions, "records" | "reach">,
): Promise<void> {
  const { order, path, branch, base } = record;
  await removeWorktree(repository, record, records);
  const ref = branchRef(branch);
  const isNew = await moveRef(repository, ref, null, base, "troupe: start");
  if (!isNew) await moveRef(repository, ref, await readCommit(repository, ref), base, "troupe: start");
  reach("worktree-branched");
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const reason = `${order.step} of ${order.runId}, attempt ${order.attempt}`;
  await runOnTrees(repository, ["add", "--quiet", "--no-checkout", "--lock", "--reason", reason, "--", path, branch]);
  reach("worktree-added");
}

async function gitDirOf(path: string): Promise<string> {
  const pointer = await readFile(join(path, ".git"), "utf8");
  return resolve(path, pointer.replace(/^gitdir: /, "").trimEnd());
}

/** Puts what is in the directory on the step's branch, behind what the worker committed itself. */
export async function commitWork(
  repository: Repository,
  record: WorktreeRecord,
  { records, now }: Pick<LifecycleOptions, "records" | "now">,
): Promise<{ readonly commit: string; readonly isEmpty: boolean }> {
  const { order, path, branch, base } = record;
  const workerIndex = await gitDirOf(path).then(
    (gitDir) => join(gitDir, "index"),
    () => null,
  );
  const tree = await readFiles(repository, { path, index: records.indexOf(order) }, "repository", workerIndex);
  const ref = branchRef(branch);
  const tip = await readCommit(repository, ref);
  const parent = tip ?? base;
  if ((await treeOf(repository, parent)) === tree) {
    if (tip === null) await moveRef(repository, ref, null, base, "troupe: nothing changed");
    return { commit: parent, isEmpty: parent === base };
  }
  const message = messageOf(`${order.step}: attempt ${order.attempt} of ${order.runId}`, order);
  const commit = await writeCommit(repository, { tree, parents: [parent], message, at: now() });
  await moveRef(repository, ref, tip, commit, `troupe: ${order.step}`);
  return { commit, isEmpty: false };
}

/** Removes the worktree, not its branch. Whatever is in it has to be kept by then (WT1). A missing one is no problem. */
export async function removeWorktree(repository: Repository, { path, order }: WorktreeRecord, records: Records): Promise<void> {
  const isRegistered = (await listTrees(repository)).some((tree) => tree.path === path);
  // Twice: it is locked, and it may hold changes. With force, git does not look into it, which would be with its configuration.
  if (isRegistered) await runOnTrees(repository, ["remove", "--force", "--force", "--", path]);
  await rm(path, { recursive: true, force: true });
  await rm(records.indexOf(order), { force: true });
}

/** Removes worktree and branch; the branch only if it is where the record says that nothing is lost. */
export async function close(repository: Repository, record: WorktreeRecord, records: Records): Promise<WorktreeRecord> {
  await removeWorktree(repository, record, records);
  if ((await readCommit(repository, branchRef(record.branch))) !== null) await deleteRef(repository, branchRef(record.branch));
  return record.state === "merged" ? record : await records.write({ ...record, state: "closed" });
}

/** Keeps under a ref of its own what an attempt changed that came to nothing; null when it changed nothing. */
export async function keepAside(
  repository: Repository,
  record: WorktreeRecord,
  options: Pick<LifecycleOptions, "records" | "now">,
): Promise<{ readonly ref: string; readonly commit: string } | null> {
  const isThere = await stat(record.path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const tip = await readCommit(repository, branchRef(record.branch));
  const hasFiles = isThere && record.state !== "creating";
  const commit = hasFiles ? (await commitWork(repository, record, options)).commit : tip;
  if (commit === null || commit === record.base) return null;
  const ref = leftRef(record.branch, record.order.attempt);
  await moveRef(repository, ref, await readCommit(repository, ref), commit, `troupe: left by attempt ${record.order.attempt}`);
  return { ref, commit };
}
