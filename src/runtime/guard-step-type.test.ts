import { expect, test } from "vitest";
import type { AttemptContext, Execution, StepType } from "../ports/attempt.ts";
import { guardStepType } from "./guard-step-type.ts";

const context = {} as AttemptContext; // Passed on, never read.

function answering(answer: unknown): StepType {
  const declaration = { type: "test/any", summary: "", properties: {}, required: [], fields: {}, inferredBy: null };
  const give = (): Promise<Execution> => Promise.resolve(answer as Execution); // Whatever a plug-in in plain JavaScript says.
  return guardStepType({ declaration, survivesEngine: true, target: () => "t", blames: () => true, execute: give, reattach: give });
}

test("a sound answer passes as it is, and no output at all counts as null", async () => {
  const failure = { class: "transient", code: "BUSY", title: "busy" };
  for (const answer of [
    { kind: "succeeded", output: { a: [1] } },
    { kind: "failed", failure },
    { kind: "lost", reason: "gone" },
  ]) {
    expect(await answering(answer).execute(context)).toBe(answer);
    expect(await answering(answer).reattach?.(context, "follow")).toBe(answer);
  }
  expect(await answering({ kind: "succeeded" }).execute(context)).toEqual({ kind: "succeeded", output: null });
  const { target, blames } = answering(null);
  expect([target?.(context), blames?.({ kind: "stopped" })]).toEqual(["t", true]);
});

test("a type has after the guard what it had before", () => {
  const bare = guardStepType({ ...answering(null), target: undefined, blames: undefined, reattach: undefined } as unknown as StepType); // Without them.
  expect(Object.keys(bare).sort()).toEqual(["declaration", "execute", "survivesEngine"]);
});

test.each([
  undefined,
  "done",
  { kind: "perhaps" },
  { kind: "failed" },
  { kind: "failed", failure: { class: "odd", code: "A", title: "a" } },
  { kind: "succeeded", output: () => 1 },
  { kind: "succeeded", output: null, usage: { costUsd: Number.NaN } },
])("the answer %j is a failure of its step", async (answer) => {
  await expect(answering(answer).execute(context)).rejects.toMatchObject({ code: "STEP_TYPE_ANSWER", class: "permanent" });
});
