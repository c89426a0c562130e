import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import { openHost } from "../../../test/support/host-bench.ts";
import { buildWorkflow } from "../../../test/support/workflow-builder.ts";
import type { StepId } from "../../core/ids.ts";
import type { RunParent } from "../../kernel/cause.ts";
import type { AttemptReport, AttemptRunner } from "../../ports/attempt-runner.ts";
import { createEmbeddedHost } from "./host.ts";
import { createReadRun } from "./read-run.ts";

const ONE = buildWorkflow([{ id: "a" }]);

/** Attempts that end when they are told to stop. */
const untilStopped = (signal: AbortSignal): Promise<AttemptReport> => {
  const { promise, resolve } = Promise.withResolvers<AttemptReport>();
  signal.addEventListener("abort", () => resolve({ outcome: { kind: "stopped" }, usage: { startedAt: 1, endedAt: 1 }, blobs: [] }));
  return promise;
};
const runner: AttemptRunner = {
  run: (_request, _scope, signal) => untilStopped(signal),
  reattach: (_request, _scope, signal) => untilStopped(signal),
  makeOutput: () => ({ result: { ok: true, output: null }, blobs: [] }),
};

test("a child whose parent waits no longer is canceled by the next engine, where the last one could not, and no other is", async () => {
  const { host, store, clock, start, startOf, attempts, state } = await openHost({ workflow: ONE });
  const childOf = (parent: number): RunParent => ({ runId: startOf(parent).runId, relation: "child", from: "a" as StepId });
  await start(1);
  await eventually(() => expect([...attempts.keys()]).toEqual(["a/1"]));
  const endFirst = attempts.get("a/1");
  await start(2);
  await host.start(ONE, { ...startOf(3), parent: childOf(1) }, { isChild: true });
  await host.start(ONE, { ...startOf(4), parent: childOf(2) }, { isChild: true });
  await host.start(ONE, { ...startOf(5), parent: { ...childOf(1), relation: "retry" } });
  endFirst?.({ kind: "succeeded", output: null });
  await eventually(() => expect(state(1)).toBe("succeeded"));
  await host.close();
  await store.disown();
  const next = createEmbeddedHost({
    store,
    ownership: await store.own("if-dead"),
    runner,
    clock,
    read: createReadRun(store, () => ONE),
    limit: 8,
    adopt: "all",
    reach: () => {},
    died: (error) => expect.fail(error.message),
    warn: (message) => expect.fail(message),
  });
  onTestFinished(() => next.close());
  await eventually(() => expect([3, 4, 5].map(state)).toEqual(["canceled", "running.executing", "running.executing"]));
});
