/** What people ask about and do with branches of steps, by the record and by git. */
import type { RunId } from "../../core/ids.ts";
import type { LeftWork, RadarPair, Worktrees } from "../../ports/worktrees.ts";
import type { AttemptWorkOptions } from "./attempt-work.ts";
import { integrate, isMergeable } from "./integrate.ts";
import { close } from "./lifecycle.ts";
import { branchOf, branchRef, leftRef } from "./names.ts";
import { GitProblem } from "./problem.ts";
import { computeRadar } from "./radar.ts";
import type { WorktreeRecord } from "./records.ts";
import { deleteRef, listRefs, readCommit } from "./refs.ts";
import type { Repository } from "./repository.ts";

const STATES: Readonly<Record<WorktreeRecord["state"], LeftWork["state"] | null>> = {
  creating: null,
  live: "running",
  committed: "waiting",
  merging: "waiting",
  manual: "manual",
  conflict: "conflict",
  merged: null,
  closed: null,
};

export function createLeftWork(options: AttemptWorkOptions): Pick<Worktrees, "list" | "mergeLeft" | "drop" | "radar"> {
  const { records, finder, turns } = options;

  async function find(runId: RunId, step: string): Promise<{ readonly repository: Repository; readonly record: WorktreeRecord }> {
    const record = (await records.all(runId)).find(({ order }) => order.step === step);
    if (record === undefined)
      throw new GitProblem("WORKTREE_RECORD", `Nothing is left of step ${step} in ${runId}.`, {
        hint: "`troupe merge list` shows what is.",
      });
    return { record, repository: await finder.find(record.order.workspace) };
  }

  /** Asks git once for each repository, however many records there are. */
  function createAsides(): (record: WorktreeRecord) => Promise<readonly LeftWork[]> {
    const asked = new Map<string, Promise<ReadonlyMap<string, string>>>();
    return async (record) => {
      const repository = await finder.find(record.order.workspace);
      const refs = asked.get(repository.commonDir) ?? listRefs(repository, "refs/troupe/left/");
      asked.set(repository.commonDir, refs);
      return asidesOf(record, await refs);
    };
  }

  return {
    async list(runId) {
      const found: LeftWork[] = [];
      const asideOf = createAsides();
      for (const record of await records.all(runId)) {
        const { order, branch, base, target, commit, path, conflicts } = record;
        const state = STATES[record.state];
        const common = { runId: order.runId, step: order.step, attempt: order.attempt, branch, base, target: target && branchOf(target) };
        if (state !== null) found.push({ ...common, state, commit, path: state === "running" ? path : null, conflicts });
        found.push(...(await asideOf(record)));
      }
      return found;
    },
    async mergeLeft(runId, step) {
      const { repository, record } = await find(runId, step);
      if (!["manual", "conflict"].includes(record.state))
        throw new GitProblem("WORKTREE_RECORD", `The branch of step ${step} is not there to be merged: it is ${record.state}.`);
      if (!isMergeable(record)) throw new GitProblem("MERGE_NO_TARGET", `Step ${step} has no branch to merge into.`);
      // A person may have mended the branch since: what is on it now counts.
      const commit = (await readCommit(repository, branchRef(record.branch))) ?? record.commit;
      const answer = await integrate(repository, { ...record, commit }, options);
      if (answer.kind === "merged")
        await turns.take(repository.commonDir, () => close(repository, { ...record, state: "merged" }, records));
      return answer;
    },
    async drop(runId, step) {
      const { repository, record } = await find(runId, step);
      if (STATES[record.state] === "running" || STATES[record.state] === "waiting")
        throw new GitProblem("MERGE_BUSY", `Step ${step} is at work.`, { hint: "Cancel its run first." });
      const aside = await createAsides()(record);
      const tip = await readCommit(repository, branchRef(record.branch));
      for (const { branch } of aside) await deleteRef(repository, branch);
      await turns.take(repository.commonDir, () => close(repository, record, records));
      return [...(tip === null ? [] : [tip]), ...aside.flatMap(({ commit }) => commit ?? [])];
    },
    async radar(runIds) {
      const all = runIds === null ? await records.all(null) : (await Promise.all(runIds.map((runId) => records.all(runId)))).flat();
      const groups = new Map<string, { readonly repository: Repository; readonly working: WorktreeRecord[] }>();
      for (const record of all.filter(({ state }) => state === "live" || state === "committed")) {
        const repository = await finder.find(record.order.workspace);
        const group = groups.get(repository.commonDir) ?? { repository, working: [] };
        groups.set(repository.commonDir, group);
        group.working.push(record);
      }
      const pairs: RadarPair[] = [];
      for (const { repository, working } of groups.values()) pairs.push(...(await computeRadar(repository, working, records)));
      return pairs;
    },
  };
}

function asidesOf({ order, base, target, branch }: WorktreeRecord, refs: ReadonlyMap<string, string>): readonly LeftWork[] {
  const prefix = leftRef(branch, 0).slice(0, -1);
  const common = { runId: order.runId, step: order.step, base, target: target && branchOf(target), path: null, conflicts: [] };
  return [...refs]
    .filter(([ref]) => ref.startsWith(prefix) && !ref.slice(prefix.length).includes("/"))
    .map(([ref, commit]) => ({ ...common, attempt: Number(ref.slice(prefix.length)), state: "left", branch: ref, commit }));
}
