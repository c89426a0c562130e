import { describe, expect, test } from "vitest";
import { KernelRun, named, STARTED_AT, told } from "../../test/support/kernel-run.ts";
import { buildWorkflow } from "../../test/support/workflow-builder.ts";
import type { RunId, StepId } from "../core/ids.ts";
import type { Answered, ParkedUntil, Parking } from "../plan/parking.ts";
import type { Decision } from "./decide.ts";
import { fold } from "./fold.ts";
import { outstanding } from "./outstanding.ts";
import { whyNot } from "./why-not.ts";

const rejected: Answered = { kind: "failed", failure: { class: "policy", code: "APPROVAL_REJECTED", title: "It was rejected" } };
const approval: Parking = { kind: "approval", digest: "d1", request: { prompt: "Go?" } };

function parked(until: Partial<ParkedUntil> = {}): KernelRun {
  const run = new KernelRun(buildWorkflow([{ id: "gate" }, { id: "go", needs: ["gate"] }])).create();
  run.grant("gate");
  run.settle("gate", { kind: "parked", until: { parking: approval, dueAt: null, onDue: rejected, ...until } });
  return run;
}

const answer = (run: KernelRun, given: Answered, digest: string | null = "d1", attempt = 1): Decision =>
  run.send({ type: "step.answer", step: "gate" as StepId, attempt, answer: given, by: "ada", digest });

describe("a parked step", () => {
  test("holds no place and no process, and the run waits", () => {
    const run = parked();
    expect([run.step("gate"), run.state]).toEqual(["running.parked", "running.waiting"]);
    expect(named(run.effects).slice(-2)).toEqual(["releasePermit gate/permit", "park gate/1/park"]);
  });

  test("ends by its answer", () => {
    const run = parked();
    answer(run, { kind: "succeeded", output: { decision: "approve" } });
    expect([run.step("gate"), run.context("gate").output, run.step("go"), run.state]).toEqual([
      "succeeded",
      { decision: "approve" },
      "pending.queued",
      "running.executing",
    ]);
    expect(fold(run.workflow, run.journal)).toEqual(run.snapshot);
  });

  test("fails by a refusal", () => {
    const run = parked();
    answer(run, rejected);
    expect([run.step("gate"), run.state]).toEqual(["failed", "failed"]);
  });

  test("takes one answer, for what was shown, and no late one (I-24)", () => {
    const run = parked();
    expect(answer(run, rejected, "other").refused?.code).toBe("APPROVAL_DIGEST");
    expect(answer(run, rejected, null).refused?.code).toBe("APPROVAL_DIGEST");
    expect(answer(run, rejected, "d1", 2).refused?.code).toBe("STEP_NOT_WAITING");
    expect(answer(run, { kind: "succeeded", output: null }).refused).toBeNull();
    expect(answer(run, rejected).refused?.code).toBe("STEP_NOT_WAITING");
    expect(run.step("gate")).toBe("succeeded");
  });

  test("asks again where its answer says so, under its next attempt", () => {
    const run = parked({ dueAt: STARTED_AT + 1_000, onDue: { kind: "again" } });
    run.now += 1_000;
    run.fire("gate/parking/1");
    expect([run.step("gate"), run.state]).toEqual(["running.waiting", "running.executing"]);
    run.grant("gate");
    expect(run.context("gate").attempt).toBe(2);
  });

  test("is settled when its time is up, and not before (I-21)", () => {
    const run = parked({ dueAt: STARTED_AT + 1_000 });
    run.now += 999;
    run.fire("gate/parking/1");
    expect(run.step("gate")).toBe("running.parked");
    run.now += 1;
    run.fire("gate/parking/1");
    expect([run.step("gate"), run.context("gate").failure?.code]).toEqual(["failed", "APPROVAL_REJECTED"]);
  });

  test("is canceled with its run, and lets go of what it waited for", () => {
    const run = parked({ parking: { kind: "run", runId: "run_child" as RunId } });
    run.cancel();
    expect(run.state).toBe("canceled");
    expect(named(run.effects)).toContain("unpark gate/1/unpark");
  });

  test("that is canceled before it has parked lets go of what it began to wait for", () => {
    const run = new KernelRun(buildWorkflow([{ id: "gate" }])).create();
    run.grant("gate");
    run.cancel();
    const parking: Parking = { kind: "run", runId: "run_child" as RunId };
    run.settle("gate", { kind: "parked", until: { parking, dueAt: null, onDue: rejected } });
    expect(run.state).toBe("canceled");
    expect(run.effects.filter(({ kind }) => kind === "park" || kind === "unpark")).toEqual([
      { kind: "unpark", id: "gate/1/unpark", step: "gate", attempt: 1, parking },
    ]);
    expect(fold(run.workflow, run.journal)).toEqual(run.snapshot);
  });

  test("is asked for again by a new owner, and tells what it waits for", () => {
    const run = parked();
    expect(named(outstanding(run.workflow, run.snapshot).effects)).toEqual(["park gate/1/park"]);
    expect(whyNot(run.workflow, run.snapshot, "gate")[0]?.waitsFor).toEqual({ kind: "answer", parking: approval, dueAt: null });
    expect(told(run.journal)).toContain("gate step.waiting running.executing>running.parked");
  });
});
