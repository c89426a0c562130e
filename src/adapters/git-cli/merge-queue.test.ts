import { describe, expect, test } from "vitest";
import type { RunId } from "../../core/ids.ts";
import type { WorktreeOrder } from "../../ports/worktrees.ts";
import { createMergeQueue, type MergeQueue } from "./merge-queue.ts";

const never = new AbortController().signal;

function order(step: number, item = 0, run = "1"): WorktreeOrder {
  return {
    runId: `run_${run.repeat(32)}` as RunId,
    step: `s${step}`,
    name: { step: `s${step}`, item: null },
    order: [step, item],
    attempt: 1,
    workspace: "/w",
    base: null,
    needsOthers: false,
    merge: "queue",
    discard: false,
  };
}

/** Enters a queue whose first work ends when it is told to. */
function enterAll(queue: MergeQueue, orders: readonly WorktreeOrder[], signals: readonly AbortSignal[] = []) {
  const gate = Promise.withResolvers<void>();
  const done: string[] = [];
  const ahead: number[] = [];
  const first = queue.enter("main", order(99), { signal: never, waiting: () => undefined, work: () => gate.promise });
  const rest = orders.map((each, at) =>
    queue.enter("main", each, {
      signal: signals[at] ?? never,
      waiting: (count) => ahead.push(count),
      work: async () => void done.push(`${each.runId[4]}:${each.step}:${each.order[1]}`),
    }),
  );
  return { open: gate, all: Promise.allSettled([first, ...rest]), done, ahead };
}

describe("those who wait to be merged", () => {
  test("go in the order of runs, steps and items, whatever the order in which they came", async () => {
    const { open, all, done, ahead } = enterAll(createMergeQueue(), [order(3), order(1, 7), order(2, 0, "2"), order(1, 2), order(0)]);
    open.resolve();
    await all;
    expect(done).toEqual(["1:s0:0", "1:s1:2", "1:s1:7", "1:s3:0", "2:s2:0"]);
    expect(ahead).toEqual([1, 2, 3, 4, 5]);
  });

  test("go on when a merge fails", async () => {
    const { open, all, done } = enterAll(createMergeQueue(), [order(1)]);
    open.reject(new Error("no"));
    await all;
    expect(done).toEqual(["1:s1:0"]);
  });

  test("leave the line when they are stopped, and do not hold up the others", async () => {
    const stop = new AbortController();
    const { open, all, done } = enterAll(createMergeQueue(), [order(1), order(2)], [stop.signal]);
    stop.abort("cancel");
    open.resolve();
    expect((await all)[1]).toEqual({ status: "fulfilled", value: { kind: "stopped" } });
    expect(done).toEqual(["1:s2:0"]);
  });

  test("for another branch do not wait at all", async () => {
    const queue = createMergeQueue();
    const { open, all } = enterAll(queue, []);
    const turn = { signal: never, waiting: () => undefined, work: () => Promise.resolve("done") };
    expect(await queue.enter("other", order(1), turn)).toBe("done");
    open.resolve();
    await all;
    expect(await queue.enter("main", order(1), turn)).toBe("done");
  });
});
