import { expect, test } from "vitest";
import { KernelRun } from "../../../test/support/kernel-run.ts";
import { buildWorkflow } from "../../../test/support/workflow-builder.ts";
import type { CompiledStep } from "../../plan/workflow.ts";
import type { AttemptReport, AttemptRunner } from "../../ports/attempt-runner.ts";
import { createAttempts } from "./attempts.ts";

const done: AttemptReport = { outcome: { kind: "succeeded", output: null }, usage: { startedAt: 0, endedAt: 1 }, blobs: [] };

test("two attempts of one step never run side by side, though a person releases it while the first lives (I-17)", async () => {
  const run = new KernelRun(buildWorkflow([{ id: "a" }])).create({});
  const step = run.workflow.steps[0] as CompiledStep; // The workflow has one.
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const start = ({ attempt }: { attempt: number }): Promise<AttemptReport> => {
    begun.push(attempt);
    return new Promise((resolve) => ends.push(() => resolve(done)));
  };
  const runner: AttemptRunner = { run: start, reattach: start, makeOutput: () => ({ result: { ok: true, output: null }, blobs: [] }) };
  const settled: number[] = [];
  const attempts = createAttempts({
    runner,
    epoch: 1,
    load: () => null,
    deliver: (_run, _id, event) => void (event.type === "attempt.settled" && settled.push(event.attempt)),
    ended: () => {},
  });
  const known = { id: run.snapshot.start.runId, workflow: run.workflow, snapshot: run.snapshot };
  attempts.adopt(known, step, 1, null, "follow");
  attempts.start(known, step, 2, null);
  await Promise.resolve();
  expect(begun).toEqual([1]);
  ends[0]?.();
  await expect.poll(() => begun).toEqual([1, 2]);
  expect(settled).toEqual([1]);
});
