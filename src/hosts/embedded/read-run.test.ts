import { expect, test } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import { openHost } from "../../../test/support/host-bench.ts";
import { buildWorkflow } from "../../../test/support/workflow-builder.ts";
import type { CauseId, RunId, StepId } from "../../core/ids.ts";
import { fold } from "../../kernel/fold.ts";
import type { Store } from "../../ports/store.ts";
import { createReadRun } from "./read-run.ts";

const workflow = buildWorkflow([{ id: "a" }]);
const PARKED = { kind: "parked", until: { parking: { kind: "timer" }, dueAt: null, onDue: { kind: "again" } } } as const;

/** Two runs that wait for an answer, asleep, and how often a journal was read since. */
async function openSleepers() {
  const reads: RunId[] = [];
  const through = (store: Store): Store =>
    Object.assign(Object.create(store) as Store, {
      entries: (...asked: Parameters<Store["entries"]>) => {
        reads.push(asked[0]);
        return store.entries(...asked);
      },
    });
  const bench = await openHost({ workflow, through });
  const sleeper = async (n: number): Promise<RunId> => {
    const id = await bench.start(n);
    await eventually(() => expect(bench.attempts.size).toBe(1));
    bench.attempts.get("a/1")?.(PARKED);
    await eventually(() => expect(bench.state(n)).toBe("running.waiting"));
    return id;
  };
  const ids = [await sleeper(1), await sleeper(2)] as const;
  await eventually(() => expect(bench.host.load().activeRuns).toBe(0));
  reads.length = 0;
  const answer = (id: RunId): Promise<void> => {
    const given = { kind: "succeeded", output: 1 } as const;
    const event = { type: "step.answer", step: "a" as StepId, attempt: 1, answer: given, by: null, digest: null } as const;
    return bench.host.post(id, `answer:${id}` as CauseId, event);
  };
  return { ...bench, ids, reads, answer };
}

test("whoever looks at a run and answers it at once has it read once", async () => {
  const { host, ids, reads, answer, state } = await openSleepers();
  host.snapshot(ids[0]);
  await answer(ids[0]);
  expect(reads).toEqual([ids[0]]);
  expect(state(1)).toBe("succeeded");
});

test("another run is read for itself", async () => {
  const { host, store, ids, reads } = await openSleepers();
  for (const id of [ids[0], ids[1], ids[0]]) expect(host.snapshot(id).snapshot).toEqual(fold(workflow, store.entries(id, 0, 100)));
  expect(reads.filter((id) => id === ids[0]).length).toBeGreaterThan(1);
});

test("after the tick it is read anew", async () => {
  const { host, ids, reads, answer } = await openSleepers();
  const before = host.snapshot(ids[0]).snapshot;
  await answer(ids[0]);
  await eventually(() => expect(host.load().activeRuns).toBe(0));
  expect(host.snapshot(ids[0]).snapshot.seq).toBeGreaterThan(before.seq);
  expect(reads).toEqual([ids[0], ids[0]]);
});

test("a run that is not stored is not found", () => {
  const read = createReadRun({ entries: () => [] }, () => workflow);
  expect(() => read(`run_${"0".repeat(32)}` as RunId)).toThrow(expect.objectContaining({ code: "RUN_NOT_FOUND" }));
});
