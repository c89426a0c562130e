import { describe, expect, test } from "vitest";
import { KernelRun, LOST } from "../../test/support/kernel-run.ts";
import { buildWorkflow, type StepSpec } from "../../test/support/workflow-builder.ts";
import type { StepView } from "../contract/run-view.ts";
import { runView } from "./views.ts";

const started = (spec: StepSpec): KernelRun => {
  const run = new KernelRun(buildWorkflow([spec])).create();
  run.grant(spec.id);
  return run;
};
const stepOf = (run: KernelRun): StepView | undefined =>
  runView(run.workflow, run.snapshot, { attempts: [], createdAt: 0, load: () => ({ large: true }) }).steps[0];

describe("a step that is quarantined", () => {
  test("says why, and nothing of a result that has not come", () => {
    const run = started({ id: "a", sideEffect: "once" });
    run.lose("a");
    expect(stepOf(run)).toMatchObject({ state: "quarantined", quarantinedBecause: LOST.title, lateResult: null });
  });

  test.each([
    [
      { kind: "succeeded", output: { n: 1 } },
      { outcome: "succeeded", output: { n: 1 }, error: null },
    ],
    [
      { kind: "succeeded", output: { $blob: "a".repeat(64), bytes: 70_000 } },
      { outcome: "succeeded", output: { large: true }, error: null },
    ],
    [
      { kind: "failed", failure: LOST },
      { outcome: "failed", output: null, error: LOST },
    ],
  ] as const)("shows the result that came while a person was asked: %j", (outcome, expected) => {
    const run = started({ id: "a", onEngineCrash: "quarantine" });
    run.orphan("a");
    run.settle("a", outcome as never); // A digest is any 64 hexadecimal digits.
    expect(stepOf(run)).toMatchObject({ state: "quarantined", lateResult: expected });
  });

  test("forgets it when a person lets the step run again", () => {
    const run = started({ id: "a", onEngineCrash: "quarantine" });
    run.orphan("a");
    run.succeed("a", 9);
    run.release("a");
    expect(stepOf(run)).toMatchObject({ quarantinedBecause: null, lateResult: null });
  });
});
