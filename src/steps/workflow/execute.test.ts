import { expect, test } from "vitest";
import type { RunId } from "../../core/ids.ts";
import type { AttemptContext } from "../../ports/attempt.ts";
import type { ChildRuns } from "../../ports/child-runs.ts";
import { createWorkflowStep } from "./execute.ts";

const CHILD = "run_child" as RunId;
// All that this type reads of it.
const context = {
  request: { deadlineAt: null },
  value: (name: string) => (name === "workflow" ? {} : undefined),
} as unknown as AttemptContext;
const parked = { kind: "parked", until: { parking: { kind: "run", runId: CHILD }, dueAt: null, onDue: { kind: "again" } } };

function typeWith(found: RunId | null): {
  readonly reattach: (mode: "follow" | "kill") => Promise<unknown>;
  readonly started: () => number;
} {
  let count = 0;
  const children: ChildRuns = {
    start: () => {
      count += 1;
      return Promise.resolve(CHILD);
    },
    find: () => found,
  };
  const type = createWorkflowStep(children);
  return { reattach: async (mode) => await type.reattach?.(context, mode), started: () => count };
}

test("whose engine died while it was starting its child goes on with that child, under the same attempt", async () => {
  const { reattach, started } = typeWith(null);
  expect(await reattach("follow")).toEqual(parked);
  expect(started()).toBe(1);
});

test("that is to be stopped starts no child, and hands over the one that it has", async () => {
  const none = typeWith(null);
  expect(await none.reattach("kill")).toMatchObject({ kind: "lost", withEngine: true });
  const one = typeWith(CHILD);
  expect(await one.reattach("kill")).toEqual(parked);
  expect([none.started(), one.started()]).toEqual([0, 0]);
});
