import { describe, expect, test } from "vitest";
import { literal, makeContext, makeRequest, makeStep } from "../../../test/support/attempts.ts";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import type { RunId } from "../../core/ids.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { IsolationPolicy } from "../../plan/step-policies.ts";
import type { CompiledStep } from "../../plan/workflow.ts";
import type { Execution } from "../../ports/attempt.ts";
import type { MergeAnswer, RadarPair, Worktree, WorktreeOrder, Worktrees } from "../../ports/worktrees.ts";
import { createWorktreeLayer } from "./worktree-layer.ts";

const POLICY: IsolationPolicy = { worktree: true, merge: "queue", base: null, discard: false };
const SUCCESS: Execution = { kind: "succeeded", output: { n: 1 }, usage: { costUsd: 2 } };
const FAILURE: Execution = { kind: "failed", failure: { class: "permanent", code: "EXIT_CODE", title: "no" } };
const BRANCH = { branch: "troupe/r/it", base: "b0", target: "main" };

interface Told {
  readonly calls: string[];
  readonly orders: WorktreeOrder[];
  ended: Json | null;
}

/** Worktrees that answer as they are told, and say what they were asked. */
function makeWorktrees(differs: Partial<Worktrees> & { readonly answer?: MergeAnswer; readonly ended?: Json } = {}) {
  const told: Told = { calls: [], orders: [], ended: null };
  const say = <T>(name: string, value: T): Promise<T> => {
    told.calls.push(name);
    return Promise.resolve(value);
  };
  const worktrees: Worktrees = {
    open(order) {
      told.orders.push(order);
      const { runId, step, name, attempt } = order;
      const worktree: Worktree = { runId, step, name, attempt, workspace: "/tree", ...BRANCH, ended: differs.ended ?? null };
      return say("open", worktree);
    },
    commit(_worktree, ended) {
      told.ended = ended;
      return say("commit", { commit: "c1", isEmpty: false });
    },
    merge: (_worktree, _signal, waiting) => {
      waiting(2);
      return say("merge", differs.answer ?? { kind: "merged", commit: "m1", files: 3 });
    },
    leave: (_worktree, how) => say(`leave ${how}`, undefined),
    abandon: () => say("abandon", null),
    reconcile: () => say("reconcile", { finished: 0, removed: 0, kept: 0, problems: [] }),
    list: () => say("list", []),
    mergeLeft: () => say("mergeLeft", { kind: "nothing" }),
    drop: () => say("drop", []),
    radar: () => say("radar", []),
    ...differs,
  };
  return { worktrees, told };
}

function isolated(policy: Partial<IsolationPolicy> = {}, differs: Partial<CompiledStep> = {}): CompiledStep {
  return makeStep("shell", {}, { isolation: { ...POLICY, ...policy }, ...differs });
}

async function run(
  { worktrees }: { readonly worktrees: Worktrees },
  execution: Execution,
  step: CompiledStep = isolated(),
  differs: Parameters<typeof makeContext>[1] = {},
): Promise<{ readonly answer: Execution; readonly workspaces: readonly string[] }> {
  const layer = createWorktreeLayer({ worktrees, clock: new ManualClock() });
  const workspaces: string[] = [];
  const answer = await layer.run(makeContext(step, differs), (inner) => {
    workspaces.push(inner.request.workspace);
    return Promise.resolve(execution);
  });
  return { answer, workspaces };
}

describe("the layer", () => {
  test("stands around steps with a worktree, and around items rather than the step that fans out", () => {
    const layer = createWorktreeLayer({ worktrees: makeWorktrees().worktrees, clock: new ManualClock() });
    const fanOut = { over: { kind: "list", items: literal([]) }, key: null, maxParallel: null, onItemError: "fail" } as const;
    const applies = (step: CompiledStep): boolean => layer.applies(makeRequest(step));
    expect(applies(isolated())).toBe(true);
    expect(applies(makeStep("shell", {}))).toBe(false);
    expect(applies(isolated({ worktree: false }))).toBe(false);
    expect(applies(isolated({}, { fanOut }))).toBe(false);
    expect(applies(isolated({}, { fanOut, item: { of: 0, key: "k", index: 0 } }))).toBe(true);
  });

  test("does the work in the worktree, commits, merges, and tells all of it", async () => {
    const made = makeWorktrees();
    const reports: JsonObject[] = [];
    const { answer, workspaces } = await run(made, SUCCESS, isolated(), { progress: (data) => reports.push(data) });
    expect(workspaces).toEqual(["/tree"]);
    expect(made.told.calls).toEqual(["open", "commit", "merge"]);
    expect(made.told.ended).toEqual(SUCCESS);
    expect(reports).toEqual([{ merge: { state: "queued", ahead: 2 } }]);
    const merge = { ...BRANCH, policy: "queue", merged: true, commit: "c1", mergedAs: "m1", files: 3, conflicts: 0 };
    expect(answer).toEqual({ ...SUCCESS, usage: { costUsd: 2, merge } });
  });

  test("names what it orders by step and item, and takes the base as its author wrote it", async () => {
    const made = makeWorktrees();
    const needs = [{ from: 1, because: [] }];
    const fan = makeStep("shell", {}, { id: "fan" as CompiledStep["id"], index: 0, needs });
    const step = isolated({ base: literal("release") }, { id: "fan[a%2Fb]" as CompiledStep["id"], item: { of: 0, key: "a/b", index: 7 } });
    await run(made, SUCCESS, step, { workflow: { steps: [fan] }, workspace: "/repo", attempt: 2 });
    expect(made.told.orders[0]).toMatchObject({
      step: "fan[a%2Fb]",
      name: { step: "fan", item: "a/b" },
      order: [0, 7],
      attempt: 2,
      workspace: "/repo",
      base: "release",
      needsOthers: true,
    });
  });

  test("fails with class conflict, and says files, kinds and with whom", async () => {
    const files = ["a", "b", "c", "d", "e", "f"].map((path) => ({ path, kinds: ["content"], with: path === "a" ? ["other"] : [] }));
    const { answer } = await run(makeWorktrees({ answer: { kind: "conflict", tip: "t1", files } }), SUCCESS);
    expect(answer).toMatchObject({
      kind: "failed",
      failure: {
        class: "conflict",
        code: "MERGE_CONFLICT",
        title: "Its changes conflict with what is on main by now: a, b, c, d, e and 1 more.",
        extra: { ...BRANCH, tip: "t1", files },
      },
      usage: { costUsd: 2, merge: { merged: false, conflicts: 6 } },
    });
    expect(answer).toHaveProperty("failure.detail", expect.stringContaining("a: content (with other)\nb: content\n"));
  });

  test("fails when the target cannot follow, and says what is in the way", async () => {
    const { answer } = await run(makeWorktrees({ answer: { kind: "blocked", paths: ["x"], problem: "x is changed" } }), SUCCESS);
    expect(answer).toMatchObject({ kind: "failed", failure: { code: "MERGE_TARGET_DIRTY", class: "conflict", extra: { paths: ["x"] } } });
  });

  test("has nothing to merge when nothing changed", async () => {
    const { answer } = await run(makeWorktrees({ answer: { kind: "nothing" } }), SUCCESS);
    expect(answer).toMatchObject({ kind: "succeeded", usage: { merge: { merged: false, commit: null } } });
  });

  test.each(["manual", "none"] as const)("leaves the branch as `merge: %s` says", async (merge) => {
    const made = makeWorktrees();
    const { answer } = await run(made, SUCCESS, isolated({ merge }));
    expect(made.told.calls).toEqual(["open", "commit", `leave ${merge}`]);
    expect(answer).toMatchObject({ kind: "succeeded", usage: { merge: { policy: merge, merged: false } } });
  });

  test("leaves the work of what waits for an answer to a person", async () => {
    const made = makeWorktrees();
    const parked: Execution = { kind: "parked", until: { parking: { kind: "timer" }, dueAt: null, onDue: { kind: "again" } } };
    expect((await run(made, parked)).answer.kind).toBe("parked");
    expect(made.told.calls).toEqual(["open", "commit", "leave manual"]);
  });

  test("keeps the work of a failure aside, and hands the failure on", async () => {
    const made = makeWorktrees({ abandon: () => Promise.resolve({ ref: "refs/troupe/left/r/it/1", commit: "c9" }) });
    expect((await run(made, FAILURE)).answer).toMatchObject({
      ...FAILURE,
      usage: { merge: { left: "refs/troupe/left/r/it/1", commit: "c9" } },
    });
    expect((await run(makeWorktrees(), FAILURE)).answer).toEqual(FAILURE);
  });

  test("leaves the worktree to an attempt that comes again", async () => {
    const made = makeWorktrees();
    const notStarted: Execution = { kind: "not_started", reason: "a breaker" };
    expect((await run(made, notStarted)).answer).toEqual(notStarted);
    expect(made.told.calls).toEqual(["open"]);
  });

  test("of an engine that comes after the end of the work repeats nothing of it (IS1)", async () => {
    const made = makeWorktrees({ ended: SUCCESS as unknown as Json });
    const { answer, workspaces } = await run(made, FAILURE);
    expect(workspaces).toEqual([]);
    expect(answer).toMatchObject({ kind: "succeeded", usage: { merge: { merged: true } } });
  });

  test("that is told to stop while it waits for its turn was stopped", async () => {
    const made = makeWorktrees({ merge: () => Promise.resolve({ kind: "stopped" }) });
    expect((await run(made, SUCCESS)).answer).toMatchObject({ kind: "stopped", usage: { costUsd: 2, merge: { commit: "c1" } } });
  });

  test("turns what git cannot do into a failure of the attempt (L2)", async () => {
    const problem = Object.assign(new Error("no repository"), { code: "GIT_NO_REPOSITORY", class: "permanent", hint: "git init" });
    const { answer } = await run(makeWorktrees({ open: () => Promise.reject(problem) }), SUCCESS);
    expect(answer).toMatchObject({ kind: "failed", failure: { class: "permanent", code: "GIT_NO_REPOSITORY", hint: "git init" } });
  });

  test("lets a confined step write to its worktree instead of the workspace", async () => {
    const { worktrees } = makeWorktrees();
    const layer = createWorktreeLayer({ worktrees, clock: new ManualClock() });
    const limits = { memoryBytes: null, cpuSeconds: null, processes: null, openFiles: null, fileBytes: null };
    const confinement = {
      level: "sandboxed",
      limits,
      network: false,
      writable: ["/repo", "/repo/out", "/other"],
      hidden: [],
      root: "/repo",
    } as const;
    const context = makeContext(isolated(), { workspace: "/repo" }).within({ confinement });
    await layer.run(context, (inner) => {
      expect(inner.confinement?.writable).toEqual(["/tree", "/tree/out", "/other"]);
      expect(inner.within({ workspace: "/tree/x", env: { A: "1" } })).toMatchObject({ env: { A: "1" }, isReattached: false, masks: [] });
      expect(inner.value("none")).toBeUndefined();
      expect(inner.evaluate(literal(1))).toBe(1);
      expect(inner.explain(literal(true))).toMatchObject({ holds: true });
      return Promise.resolve(SUCCESS);
    });
  });
});

describe("the radar (X9)", () => {
  const files = [{ path: "a", kinds: ["content"] }];
  const runId = `run_${"1".repeat(32)}` as RunId;
  const pair = (step: string, other: string): RadarPair => ({ runId, step, with: other, files });

  async function watchWith(
    answers: readonly (readonly RadarPair[] | Error)[],
    own: JsonObject | null = null,
  ): Promise<readonly JsonObject[]> {
    const clock = new ManualClock();
    const left = [...answers];
    const { worktrees } = makeWorktrees({
      radar: () => {
        const next = left.shift() ?? [];
        return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
      },
    });
    const reports: JsonObject[] = [];
    const layer = createWorktreeLayer({ worktrees, clock, radarEveryMs: 100 });
    await layer.run(makeContext(isolated(), { runId, progress: (data) => reports.push(data) }), async (inner) => {
      for (const _ of answers) {
        clock.pass(100);
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (own !== null) inner.progress(own);
      return { kind: "not_started", reason: "enough" };
    });
    return reports;
  }

  test("tells a step with whom it would conflict when that changes, from either side", async () => {
    const reports = await watchWith([[], [pair("it", "other")], [pair("it", "other")], [pair("other", "it")], [pair("x", "y")]]);
    expect(reports).toEqual([{ radar: [{ with: "other", files }] }, { radar: [] }]);
  });

  test("tells of a step of another run", async () => {
    const other = `run_${"2".repeat(32)}` as RunId;
    expect(await watchWith([[{ ...pair("far", `${runId}/it`), runId: other }]])).toEqual([{ radar: [{ with: `${other}/far`, files }] }]);
  });

  test("goes along with what the step reports itself", async () => {
    const reports = await watchWith([[pair("it", "other")]], { percent: 5 });
    expect(reports.at(-1)).toEqual({ percent: 5, radar: [{ with: "other", files }] });
  });

  test("that cannot look harms nothing, and looks again (IS3)", async () => {
    expect(await watchWith([new Error("git is busy"), [pair("it", "other")]])).toHaveLength(1);
  });
});
