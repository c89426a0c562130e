/**
 * Around a step with `isolation.worktree`: its attempt works on a branch of its own, and a success is one only when its work is where
 * the policy wants it.
 *
 * IS1 What the work ended with is on record with the commit: an engine that dies behind it repeats neither work nor merge.
 * IS2 A conflict is a failure of class `conflict`; nothing has changed then but what is on the step's own branch.
 * IS3 The radar is for watchers: it harms no attempt.
 */
import type { Json, JsonObject } from "../../core/json.ts";
import { toPlainText } from "../../plan/evaluate-field.ts";
import type { IsolationPolicy } from "../../plan/step-policies.ts";
import type { AttemptContext, Execution } from "../../ports/attempt.ts";
import type { AttemptLayer, InnerAttempt } from "../../ports/attempt-layer.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Confinement } from "../../ports/confinement.ts";
import type { MergeAnswer, MergeUsage, Worktree, WorktreeOrder, Worktrees } from "../../ports/worktrees.ts";
import { toFailure } from "../classify.ts";
import { isIsolated } from "./is-isolated.ts";
import { blockedFailure, conflictFailure } from "./merge-failure.ts";
import { createRadarWatch, type RadarWatch } from "./radar-watch.ts";
import { withProgress } from "./with-progress.ts";

export interface WorktreeLayerOptions {
  readonly worktrees: Worktrees;
  readonly clock: Clock;
  /** Least time between two looks of the radar, in milliseconds; 0 for none. @defaultValue 3000 */
  readonly radarEveryMs?: number;
}

/** Goes around the attempts of isolated steps: each works in a worktree of its own, and a success is merged. */
export function createWorktreeLayer({ worktrees, clock, radarEveryMs }: WorktreeLayerOptions): AttemptLayer {
  const radar = createRadarWatch({ worktrees, clock, ...(radarEveryMs !== undefined && { everyMs: radarEveryMs }) });
  return {
    name: "worktree",
    applies: ({ step }) => isIsolated(step),
    async run(context, inner) {
      const policy = context.request.step.isolation;
      if (policy === null) return await inner(context);
      try {
        const worktree = await worktrees.open(orderOf(context, policy));
        const execution = (worktree.ended as Execution | null) ?? (await work(context, worktree, inner, radar)); // Written by `commit` below.
        return await conclude(context, policy, worktree, execution, worktrees);
      } catch (thrown) {
        return { kind: "failed", failure: toFailure(thrown) };
      }
    },
  };
}

function orderOf(context: AttemptContext, policy: IsolationPolicy): WorktreeOrder {
  const { runId, step, attempt, workspace, workflow } = context.request;
  // An item has the needs of the step that fans out.
  const planned = step.item === null ? step : (workflow.steps[step.item.of] ?? step);
  return {
    runId,
    step: step.id,
    name: { step: planned.id, item: step.item?.key ?? null },
    order: [planned.index, step.item?.index ?? 0],
    attempt,
    workspace,
    base: policy.base === null ? null : toPlainText(context.evaluate(policy.base)),
    needsOthers: planned.needs.length > 0 || planned.phase.kind !== "main",
    merge: policy.merge,
    discard: policy.discard,
  };
}

async function work(context: AttemptContext, worktree: Worktree, inner: InnerAttempt, radar: RadarWatch): Promise<Execution> {
  const inside = context.within({ workspace: worktree.workspace, ...confinedTo(worktree, context) });
  using watched = radar.watch(worktree, (data) => context.progress(data));
  return await inner(withProgress(inside, (data) => context.progress({ ...data, ...watched.latest() })));
}

/** What may be written below the workspace may be written below the worktree, and the workspace itself may not. */
function confinedTo({ workspace: inside }: Worktree, { confinement, request }: AttemptContext): { readonly confinement?: Confinement } {
  if (confinement === null) return {};
  const { workspace } = request;
  const move = (path: string): string =>
    path === workspace || path.startsWith(`${workspace}/`) ? `${inside}${path.slice(workspace.length)}` : path;
  return { confinement: { ...confinement, root: move(confinement.root), writable: confinement.writable.map(move) } };
}

async function conclude(
  context: AttemptContext,
  policy: IsolationPolicy,
  worktree: Worktree,
  execution: Execution,
  worktrees: Worktrees,
): Promise<Execution> {
  if (execution.kind === "not_started") return execution; // The same attempt comes again and finds its worktree.
  if (execution.kind !== "succeeded" && execution.kind !== "parked") {
    const left = await worktrees.abandon(worktree);
    return left === null ? execution : withMerge(execution, { ...usageOf(worktree, policy), left: left.ref, commit: left.commit });
  }
  // An execution is JSON: it becomes part of the journal as it is.
  const { commit, isEmpty } = await worktrees.commit(worktree, execution as unknown as Json);
  const usage = { ...usageOf(worktree, policy), commit };
  // What waits for an answer is not to be merged before it, and nobody comes by here afterwards.
  const how = execution.kind === "parked" && policy.merge === "queue" ? "manual" : policy.merge;
  if (how !== "queue") {
    await worktrees.leave(worktree, how);
    return withMerge(execution, isEmpty ? { ...usage, commit: null } : usage);
  }
  const answer = await worktrees.merge(worktree, context.signal, (ahead) => context.progress({ merge: { state: "queued", ahead } }));
  if (answer.kind === "stopped") return withMerge({ kind: "stopped", ...usageIn(execution) }, usage);
  return concludeMerge(execution, worktree, answer, usage);
}

function concludeMerge(execution: Execution, worktree: Worktree, answer: MergeAnswer, usage: MergeUsage): Execution {
  const used = usageIn(execution);
  switch (answer.kind) {
    case "nothing":
      return withMerge(execution, { ...usage, commit: null });
    case "merged":
      return withMerge(execution, { ...usage, merged: true, files: answer.files, mergedAs: answer.commit });
    case "conflict": {
      const failure = conflictFailure(worktree, answer);
      return withMerge({ kind: "failed", failure, ...used }, { ...usage, conflicts: answer.files.length });
    }
    case "blocked":
      return withMerge({ kind: "failed", failure: blockedFailure(worktree, answer), ...used }, usage);
  }
}

function usageOf({ branch, base, target }: Worktree, { merge }: IsolationPolicy): MergeUsage {
  return { branch, base, target, policy: merge, merged: false, commit: null, files: 0, conflicts: 0 };
}

function usageIn(execution: Execution): Pick<Execution & { kind: "succeeded" }, "usage"> {
  return execution.kind !== "not_started" && execution.usage !== undefined ? { usage: execution.usage } : {};
}

function withMerge(execution: Execution, merge: JsonObject): Execution {
  return execution.kind === "not_started" ? execution : { ...execution, usage: { ...execution.usage, merge } };
}
