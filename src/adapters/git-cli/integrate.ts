/**
 * One branch into its target: computed first, recorded, then the branch moves by compare-and-swap, then the files follow where it is
 * checked out (WT2, WT3). A target that moved meanwhile means: computed again.
 */
import type { MergeAnswer, WorktreeCrashPoint } from "../../ports/worktrees.ts";
import { attribute, mergesSince, messageOf } from "./attribution.ts";
import { preflight } from "./merge-tree.ts";
import { branchOf } from "./names.ts";
import { GitProblem } from "./problem.ts";
import type { Records, WorktreeRecord } from "./records.ts";
import { isWithin, moveRef, readCommit, writeCommit } from "./refs.ts";
import type { Repository } from "./repository.ts";
import { type HeldPlace, holdersOf, holdPlace } from "./target-files.ts";
import { changedPaths } from "./working-tree.ts";

export interface IntegrateOptions {
  readonly records: Records;
  readonly now: () => number;
  readonly reach: (point: WorktreeCrashPoint) => void;
  /** How long another git process may hold the index where the target is checked out, in milliseconds. */
  readonly patienceMs: number;
}

/** Others push to the target too; so many times in a row they do not. */
const TRIES_MAX = 20;

/** A record whose work is committed and that has a target. */
export interface Mergeable extends WorktreeRecord {
  readonly commit: string;
  readonly target: string;
}

export function isMergeable(record: WorktreeRecord): record is Mergeable {
  return record.commit !== null && record.target !== null;
}

/** Leaves the record as `merged`, `conflict`, or, when it is blocked, as it was. */
export async function integrate(repository: Repository, record: Mergeable, options: IntegrateOptions): Promise<MergeAnswer> {
  const { records } = options;
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const tip = await readCommit(repository, record.target);
    if (tip === null)
      throw new GitProblem("MERGE_NO_TARGET", `The branch ${branchOf(record.target) ?? record.target} is gone.`, {
        hint: "Make it again, or merge the step's branch elsewhere.",
      });
    if (await isWithin(repository, record.commit, tip)) {
      await records.write({ ...record, state: "merged", intent: null, mergedAs: tip });
      return { kind: "merged", commit: tip, files: 0 };
    }
    const found = await preflight(repository, tip, record.commit, "scratch");
    if (found.kind === "conflict") {
      const merges = await mergesSince(repository, record.commit, tip);
      const files = attribute(found.files, merges, record.order.runId);
      await records.write({ ...record, state: "conflict", intent: null, conflicts: files });
      return { kind: "conflict", tip, files };
    }
    const answer = await move(repository, record, tip, options);
    if (answer !== null) return answer;
  }
  throw new GitProblem("MERGE_BUSY", `${branchOf(record.target) ?? record.target} moved ${TRIES_MAX} times while it was merged into.`, {
    hint: "Try again when others are done.",
  });
}

/** Null when the target has moved in between. */
async function move(repository: Repository, record: Mergeable, tip: string, options: IntegrateOptions): Promise<MergeAnswer | null> {
  const { records, now, reach } = options;
  const clean = await preflight(repository, tip, record.commit, "repository");
  if (clean.kind === "conflict") throw new GitProblem("GIT_FAILED", "The same merge was clean and then was not.");
  const { order, target } = record;
  const message = messageOf(`Merge step ${order.step} of ${order.runId}`, order);
  const to = await writeCommit(repository, { tree: clean.tree, parents: [tip, record.commit], message, at: now() });
  const files = (await changedPaths(repository, tip, to)).size;
  await using places = new AsyncDisposableStack();
  const held: HeldPlace[] = [];
  const holders = await holdersOf(repository, target);
  for (const [at, place] of holders.places.entries())
    held.push(places.use(await holdPlace(repository, place, `${records.pathOf(order)}.target${at}`, options.patienceMs)));
  if (holders.rebasing.length > 0)
    return { kind: "blocked", paths: [], problem: `${branchOf(target) ?? target} is being rebased in ${holders.rebasing.join(", ")}` };
  const blocked = (await Promise.all(held.map((place) => place.check(tip, to)))).flat();
  if (blocked.length > 0) return { kind: "blocked", paths: blocked, problem: problemOf(target, blocked) };
  await records.write({ ...record, state: "merging", intent: { from: tip, to } });
  reach("merge-written");
  if (!(await moveRef(repository, target, tip, to, `troupe: merge ${order.step}`))) {
    await records.write({ ...record, intent: null });
    return null;
  }
  reach("target-moved");
  const late = await follow(repository, target, held, tip, to);
  if (late !== null) {
    await records.write({ ...record, intent: null });
    return late;
  }
  reach("files-followed");
  await records.write({ ...record, state: "merged", intent: null, mergedAs: to });
  return { kind: "merged", commit: to, files };
}

/** Somebody saved a file between check and move: the branch goes back, unless others have built on it already. */
async function follow(
  repository: Repository,
  target: string,
  held: readonly HeldPlace[],
  from: string,
  to: string,
): Promise<MergeAnswer | null> {
  for (const [at, place] of held.entries()) {
    try {
      await place.follow(from, to);
    } catch (thrown) {
      const isBack = at === 0 && (await moveRef(repository, target, to, from, "troupe: files changed meanwhile"));
      if (isBack) return { kind: "blocked", paths: [], problem: thrown instanceof Error ? thrown.message : String(thrown) };
      await place.finish(from, to);
    }
  }
  return null;
}

function problemOf(target: string, paths: readonly string[]): string {
  return `${branchOf(target) ?? target} is checked out with changes in what the merge touches: ${paths.join(", ")}`;
}

/** After a crash: what of a merge had been done is finished, or had not begun. */
export async function settleIntent(repository: Repository, record: WorktreeRecord, options: IntegrateOptions): Promise<WorktreeRecord> {
  const { records } = options;
  const { intent, target, order } = record;
  if (intent === null || target === null) return record;
  const tip = await readCommit(repository, target);
  const isMoved = tip !== null && (await isWithin(repository, intent.to, tip).catch(() => false));
  if (!isMoved) return await records.write({ ...record, state: "committed", intent: null });
  if (tip === intent.to) {
    for (const [at, place] of (await holdersOf(repository, target)).places.entries()) {
      await using held = await holdPlace(repository, place, `${records.pathOf(order)}.target${at}`, options.patienceMs);
      await held.finish(intent.from, intent.to);
    }
  }
  return await records.write({ ...record, state: "merged", intent: null, mergedAs: intent.to });
}
