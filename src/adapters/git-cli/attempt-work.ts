/** What the layer around an attempt asks for, from its worktree's beginning to the merge. */
import { join } from "node:path";
import type { MergeAnswer, Worktree, WorktreeOrder, Worktrees } from "../../ports/worktrees.ts";
import { type IntegrateOptions, integrate, isMergeable, type Mergeable, settleIntent } from "./integrate.ts";
import { close, commitWork, computeStart, createWorktree, keepAside, removeWorktree } from "./lifecycle.ts";
import { createMergeQueue } from "./merge-queue.ts";
import { branchOf } from "./names.ts";
import { GitProblem } from "./problem.ts";
import type { WorktreeRecord } from "./records.ts";
import type { Repository, RepositoryFinder } from "./repository.ts";
import type { Turns } from "./turns.ts";

export interface AttemptWorkOptions extends IntegrateOptions {
  readonly finder: RepositoryFinder;
  /** git's list of worktrees is changed by one at a time. */
  readonly turns: Turns;
}

interface Found {
  readonly repository: Repository;
  readonly record: WorktreeRecord;
}

export function createAttemptWork(options: AttemptWorkOptions): Pick<Worktrees, "open" | "commit" | "merge" | "leave" | "abandon"> {
  const { records, finder, turns, reach } = options;
  const queue = createMergeQueue();

  async function find({ runId, step, name }: Worktree): Promise<Found> {
    const record = await records.read({ runId, name });
    if (record === null) throw new GitProblem("WORKTREE_RECORD", `Nothing is on record about the worktree of ${step}.`);
    return { record, repository: await finder.find(record.order.workspace) };
  }

  return {
    async open(order) {
      const repository = await finder.find(order.workspace);
      return await openIn(repository, order, options);
    },
    async commit(worktree, ended) {
      const { repository, record } = await find(worktree);
      if (record.commit !== null && record.ended !== null) return { commit: record.commit, isEmpty: record.commit === record.base };
      const made = await commitWork(repository, record, options);
      await records.write({ ...record, state: "committed", commit: made.commit, ended });
      reach("work-committed");
      return made;
    },
    async merge(worktree, signal, waiting) {
      const { repository, record } = await find(worktree);
      const { commit, base, target } = record;
      if (commit === base || !isMergeable(record)) {
        await turns.take(repository.commonDir, () => close(repository, record, records));
        return { kind: "nothing" };
      }
      const turn = { signal, waiting, work: () => integrateOnce(repository, record, options) };
      let answer: Awaited<ReturnType<Worktrees["merge"]>> | null = null;
      try {
        answer = await queue.enter(`${repository.commonDir} ${target}`, record.order, turn);
        return answer;
      } finally {
        await turns.take(repository.commonDir, () => conclude(repository, record, answer, options));
      }
    },
    async leave(worktree, how) {
      const { repository, record } = await find(worktree);
      await turns.take(repository.commonDir, async () => {
        if (how === "none" || record.commit === record.base) return await close(repository, record, records);
        await removeWorktree(repository, record, records);
        return await records.write({ ...record, state: "manual" });
      });
    },
    async abandon(worktree) {
      const { repository, record } = await find(worktree);
      return await turns.take(repository.commonDir, async () => {
        const kept = record.order.discard ? null : await keepAside(repository, record, options);
        await close(repository, record, records);
        return kept;
      });
    },
  };
}

/** What is not merged stays on its branch, for a person or for the next attempt. */
async function conclude(
  repository: Repository,
  record: Mergeable,
  answer: { readonly kind: string } | null,
  { records }: AttemptWorkOptions,
): Promise<void> {
  if (answer?.kind === "merged") {
    await close(repository, { ...record, state: "merged" }, records);
    return;
  }
  await removeWorktree(repository, record, records);
  const isBegun = (await records.read(record.order))?.intent !== null; // Then the record says what is to be finished.
  if (answer?.kind !== "conflict" && !isBegun) await records.write({ ...record, state: "manual" });
}

async function openIn(repository: Repository, order: WorktreeOrder, options: AttemptWorkOptions): Promise<Worktree> {
  const known = await options.records.read(order);
  if (known !== null && known.order.attempt === order.attempt && isUsable(known)) return toWorktree(repository, known);
  if (known !== null) await clearAway(repository, known, options);
  const isRefused = known?.state === "conflict" || known?.state === "manual";
  const start = await computeStart(repository, order, options.records, isRefused);
  if (start.target === null && order.merge === "queue")
    throw new GitProblem("MERGE_NO_TARGET", "The workspace is on no branch, so there is none to merge into.", {
      hint: "Check out a branch, name one under `isolation.base`, or say `merge: manual`.",
    });
  return toWorktree(repository, await createWorktree(repository, order, start, options));
}

/** Its attempt may go on in it, or has ended in it. */
function isUsable({ state, ended }: WorktreeRecord): boolean {
  return state === "live" || ended !== null;
}

/** What an earlier attempt left. What it had merged stays merged; what it had not is kept aside. */
async function clearAway(repository: Repository, known: WorktreeRecord, options: AttemptWorkOptions): Promise<void> {
  const settled = await settleIntent(repository, known, options);
  if (settled.state !== "merged" && settled.state !== "closed" && !settled.order.discard) await keepAside(repository, settled, options);
}

/** A merge that an engine before this one had begun counts. */
async function integrateOnce(repository: Repository, record: Mergeable, options: AttemptWorkOptions): Promise<MergeAnswer> {
  const settled = await settleIntent(repository, record, options);
  if (settled.state === "merged" && settled.mergedAs !== null) return { kind: "merged", commit: settled.mergedAs, files: 0 };
  return await integrate(repository, { ...record, intent: null }, options);
}

function toWorktree(repository: Repository, record: WorktreeRecord): Worktree {
  const { order, branch, base, target, ended } = record;
  const { runId, step, name, attempt } = order;
  const workspace = join(record.path, repository.prefix);
  return { runId, step, name, attempt, workspace, branch, base, target: target && branchOf(target), ended };
}
