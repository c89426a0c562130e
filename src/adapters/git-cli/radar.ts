/** Which worktrees at work would conflict, were they finished now: with each other, and with what has been merged since they started. */
import { join } from "node:path";
import type { RadarPair } from "../../ports/worktrees.ts";
import { attribute, mergesSince } from "./attribution.ts";
import { preflight } from "./merge-tree.ts";
import { branchOf, directoryName } from "./names.ts";
import type { Records, WorktreeRecord } from "./records.ts";
import { readCommit, writeCommit } from "./refs.ts";
import type { Repository } from "./repository.ts";
import { type Change, changedPaths, peekFiles } from "./working-tree.ts";

/** What one worktree looks like now. */
interface Sight {
  readonly record: WorktreeRecord;
  /** A commit in the scratch, on the base. */
  readonly commit: string;
  readonly changed: ReadonlyMap<string, Change>;
}

/** A hundred worktrees at work make no more pairs than a merge a millisecond can look at. */
const PAIRS_MAX = 2_000;

/** `records`: those at work in this repository. */
export async function computeRadar(
  repository: Repository,
  records: readonly WorktreeRecord[],
  store: Records,
): Promise<readonly RadarPair[]> {
  const sights: Sight[] = [];
  for (const record of records) {
    const sight = await look(repository, record, store);
    if (sight !== null && sight.changed.size > 0) sights.push(sight);
  }
  const pairs: RadarPair[] = [];
  let compared = 0;
  for (const [at, one] of sights.entries()) {
    pairs.push(...(await compareWithTarget(repository, one)));
    for (const other of sights.slice(at + 1)) {
      if (!mayConflict(one.changed, other.changed) || compared++ >= PAIRS_MAX) continue;
      const found = await preflight(repository, one.commit, other.commit, "scratch");
      if (found.kind === "clean") continue;
      pairs.push({
        runId: one.record.order.runId,
        step: one.record.order.step,
        with: nameFor(other.record, one.record),
        files: found.files,
      });
    }
  }
  return pairs;
}

function nameFor({ order }: WorktreeRecord, seenFrom: WorktreeRecord): string {
  return order.runId === seenFrom.order.runId ? order.step : `${order.runId}/${order.step}`;
}

/** Null when it went away while it was looked at. */
async function look(repository: Repository, record: WorktreeRecord, store: Records): Promise<Sight | null> {
  try {
    const { base, order, path } = record;
    const tree = record.commit ?? (await peekFiles(repository, { path, index: store.indexOf(order) }, peekIndex(repository, record)));
    // The same content gives the same commit, so that looking again writes nothing new.
    const commit =
      record.commit ?? (await writeCommit(repository, { tree, parents: [base], message: order.step, at: 0, objects: "scratch" }));
    return { record, commit, changed: await changedPaths(repository, base, tree, "scratch") };
  } catch {
    return null;
  }
}

async function compareWithTarget(repository: Repository, { record, commit, changed }: Sight): Promise<readonly RadarPair[]> {
  const { target, base, order } = record;
  const tip = target === null ? null : await readCommit(repository, target);
  if (tip === null || tip === base || !mayConflict(changed, await changedPaths(repository, base, tip))) return [];
  const found = await preflight(repository, tip, commit, "scratch");
  if (found.kind === "clean") return [];
  const bySteps = new Map<string, RadarPair["files"][number][]>();
  for (const { with: steps, ...file } of attribute(found.files, await mergesSince(repository, base, tip), order.runId))
    for (const step of steps.length === 0 ? [(target && branchOf(target)) ?? ""] : steps)
      bySteps.set(step, [...(bySteps.get(step) ?? []), file]);
  return [...bySteps].map(([step, files]) => ({ runId: order.runId, step: order.step, with: step, files }));
}

/**
 * Rules out most pairs without a merge: two sides conflict in a path that both changed, in a file of one where the other has a
 * directory, or by way of a rename, which takes a path away.
 */
function mayConflict(one: ReadonlyMap<string, Change>, other: ReadonlyMap<string, Change>): boolean {
  if ([...one.values(), ...other.values()].some(({ what }) => what === "D")) return true;
  return overlaps(one, other) || overlaps(other, one);
}

function overlaps(one: ReadonlyMap<string, Change>, other: ReadonlyMap<string, Change>): boolean {
  for (const path of one.keys()) {
    if (other.has(path)) return true;
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) if (other.has(path.slice(0, end))) return true;
  }
  return false;
}

/** Of this process alone, and gone with the objects that it names. */
function peekIndex({ scratch }: Repository, { order }: WorktreeRecord): string {
  return join(scratch, `${order.runId}.${directoryName(order.name)}.${order.attempt}.${process.pid}`);
}
