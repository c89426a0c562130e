import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyWorkflow } from "../../test/support/arbitrary-workflow.ts";
import { buildWorkflow, type StepSpec, type WorkflowSpec } from "../../test/support/workflow-builder.ts";
import { at } from "./at.ts";
import { type Bounds, computeBounds, worstAttempts, worstDurationMs } from "./bounds.ts";
import { computeTimeline } from "./critical-path.ts";
import { computeOrder } from "./order.ts";
import { computeSchedule } from "./schedule.ts";

function bounds(specs: readonly StepSpec[], workers: number, differs?: WorkflowSpec): Bounds {
  const workflow = buildWorkflow(specs, differs);
  return computeBounds(workflow, workers);
}

describe("one step", () => {
  const worst = (spec: Omit<StepSpec, "id">): number | null => bounds([{ id: "only", ...spec }], 1).durationMs;

  test("takes its time-out and grace for every attempt, and every delay at its longest (B1)", () => {
    const retry = { max: 2, jitter: "full", baseMs: 100, factor: 3, capMs: 250 } as const;
    expect(worst({ timeout: { afterMs: 1_000, graceMs: 50 }, retry })).toBe(3 * 1_050 + 100 + 250);
  });

  test("makes one attempt when no failure is retried", () => {
    const never = { max: 5, on: [] };
    expect(bounds([{ id: "only", timeout: 10, retry: never }], 1)).toMatchObject({ attempts: 1, durationMs: 10 });
    expect(bounds([{ id: "only", timeout: 10, retry: { ...never, match: "reset" } }], 1).attempts).toBe(6);
    expect(bounds([{ id: "only", timeout: 10, retry: { ...never, statuses: [503] } }], 1).attempts).toBe(6);
  });

  test("has no bound without a time-out, and is named as the reason", () => {
    expect(worstDurationMs(at(buildWorkflow([{ id: "b" }]).steps, 0))).toBe(Number.POSITIVE_INFINITY);
    expect(bounds([{ id: "a", timeout: 1 }, { id: "b" }], 1)).toMatchObject({
      durationMs: null,
      attempts: 2,
      unbounded: { duration: ["b"] },
    });
  });
});

describe("a run", () => {
  const pair: StepSpec[] = [
    { id: "a", timeout: 100 },
    { id: "b", timeout: 100 },
  ];

  test("of no steps takes no time", () => {
    expect(bounds([], 4)).toMatchObject({ durationMs: 0, attempts: 0, costUsd: 0 });
  });

  test("with a worker for each step takes its longest chain (B2)", () => {
    expect(bounds([...pair, { id: "c", needs: ["a"], timeout: 50 }], 3).durationMs).toBe(150);
  });

  test("with fewer workers follows Graham's bound (B3)", () => {
    expect(bounds([...pair, { id: "c", timeout: 100 }], 2).durationMs).toBe(200);
    expect(bounds(pair, 1).durationMs).toBe(200);
  });

  test("waits for steps that exclude each other, but never longer than one after the other (B4)", () => {
    const locked = pair.map((spec) => ({ ...spec, locks: ["db"] }));
    expect(bounds(locked, 2).durationMs).toBe(200);
    expect(bounds([...locked, { id: "c", timeout: 1_000 }], 3).durationMs).toBe(1_200);
  });

  test("ends with its own time-out and the longest grace, even if a step has none (B5)", () => {
    expect(bounds([{ id: "a" }], 1, { timeoutMs: 1_000 })).toMatchObject({ durationMs: 6_000, unbounded: { duration: [] } });
    expect(bounds([{ id: "a", timeout: { afterMs: 9_000, graceMs: 70 } }], 1, { timeoutMs: 1_000 }).durationMs).toBe(1_070);
  });

  test("costs every attempt of every step", () => {
    expect(bounds([{ id: "a", usd: 0.5, retry: { max: 3 } }, { id: "b" }], 1).costUsd).toBe(2);
  });

  test("has no bound on cost while an agent's is not declared", () => {
    expect(
      bounds(
        [
          { id: "a", type: "agent" },
          { id: "b", type: "agent", usd: 1 },
        ],
        1,
      ),
    ).toMatchObject({ costUsd: null, unbounded: { cost: ["a"] } });
  });

  test("counts the items of a fan-out, as many at once as may be (B6)", () => {
    const items = { kind: "literal", value: [1, 2, 3, 4, 5] } as const;
    const fanOut = (maxParallel: number | null): Partial<StepSpec> => ({
      timeout: 100,
      fanOut: { over: { kind: "list", items }, key: null, maxParallel, onItemError: "fail" },
    });
    expect(bounds([{ id: "a", ...fanOut(null) }], 5)).toMatchObject({ attempts: 5, durationMs: 100, perItem: [] });
    expect(bounds([{ id: "a", ...fanOut(2) }], 5)).toMatchObject({ attempts: 5, durationMs: 300 });
    expect(bounds([{ id: "a", ...fanOut(null), locks: ["x"] }], 5).durationMs).toBe(500);
    expect(bounds([{ id: "a", ...fanOut(null) }], 2).durationMs).toBe(5 * 50 + 50);
  });

  test("counts one item where their number is not known, and has no bound but its own time-out (B6)", () => {
    const open = { kind: "condition", expression: {} as never, source: "", place: { file: "", line: 1, column: 1 } } as const;
    const step: StepSpec = {
      id: "a",
      timeout: 100,
      fanOut: { over: { kind: "matrix", axes: { x: open }, include: [], exclude: [] }, key: null, maxParallel: null, onItemError: "fail" },
    };
    expect(bounds([step], 2)).toMatchObject({ attempts: 1, durationMs: null, perItem: ["a"], unbounded: { duration: ["a"] } });
    expect(bounds([step], 2, { timeoutMs: 1_000 })).toMatchObject({ durationMs: 1_000, perItem: ["a"] });
  });

  test("runs what follows a failure, and `finally`, one after the other (B7)", () => {
    const later: StepSpec[] = [
      { id: "a", timeout: 100 },
      { id: "h", timeout: 10, needs: ["a"], phase: { kind: "handler", of: 0, rule: 0 } },
      { id: "c", timeout: 7, phase: { kind: "compensation", of: 0 } },
      { id: "f", timeout: 5, phase: { kind: "finally" } },
      { id: "g", timeout: 5, needs: ["f"], phase: { kind: "finally" } },
    ];
    expect(bounds(later, 9)).toMatchObject({ attempts: 5, durationMs: 100 + 10 + 7 + 5 + 5 });
    expect(bounds(later, 9, { timeoutMs: 50 }).durationMs).toBe(50 + 7 + 5 + 5);
  });

  test("never takes longer than its bound, however the steps behave", () => {
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(anyWorkflow, shares, fc.integer({ min: 1, max: 4 }), (workflow, taken, workers) => {
        const { steps } = workflow;
        const order = computeOrder(steps);
        const durationsMs = Float64Array.from(steps, (step) => Math.floor(worstDurationMs(step) * at(taken, step.index)));
        const { remainingMs } = computeTimeline(steps, order, durationsMs);
        const { makespanMs } = computeSchedule({ steps, durationsMs, remainingMs, workers });
        const bound = computeBounds(workflow, workers);
        expect(makespanMs).toBeLessThanOrEqual(bound.durationMs ?? Number.NaN);
        expect(bound.attempts).toBe(steps.reduce((sum, step) => sum + worstAttempts(step), 0));
      }),
      { numRuns: 500 },
    );
  });
});
