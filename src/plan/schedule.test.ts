import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyWorkflow } from "../../test/support/arbitrary-workflow.ts";
import { buildWorkflow, type StepSpec } from "../../test/support/workflow-builder.ts";
import { at } from "./at.ts";
import { computeTimeline, type Timeline } from "./critical-path.ts";
import { computeEstimates } from "./estimate.ts";
import { computeOrder } from "./order.ts";
import { computeSchedule, computeSpeedup, type Schedule } from "./schedule.ts";
import type { CompiledWorkflow } from "./workflow.ts";

interface Run extends Schedule, Timeline {
  readonly durationsMs: Float64Array;
}

function schedule({ steps }: CompiledWorkflow, workers: number): Run {
  const durationsMs = computeEstimates(steps, []);
  const timeline = computeTimeline(steps, computeOrder(steps), durationsMs);
  return { ...timeline, durationsMs, ...computeSchedule({ steps, durationsMs, remainingMs: timeline.remainingMs, workers }) };
}

const starts = (specs: readonly StepSpec[], workers: number): number[] => [...schedule(buildWorkflow(specs), workers).startMs];

describe("computeTimeline", () => {
  const diamond = buildWorkflow([
    { id: "start", durationMs: 10 },
    { id: "short", needs: ["start"], durationMs: 5 },
    { id: "long", needs: ["start"], durationMs: 20 },
    { id: "end", needs: ["short", "long"], durationMs: 1 },
  ]);

  test("the critical path is the longest chain, and what is off it has slack", () => {
    const timeline = schedule(diamond, 1);
    expect(timeline.criticalPath).toEqual([0, 2, 3]);
    expect(timeline).toMatchObject({ criticalPathMs: 31, totalMs: 36 });
    expect([...timeline.slackMs]).toEqual([0, 15, 0, 0]);
    expect([...timeline.earliestStartMs]).toEqual([0, 10, 10, 30]);
  });

  test("without steps there is no path", () => {
    expect(schedule(buildWorkflow([]), 1)).toMatchObject({ criticalPath: [], criticalPathMs: 0, totalMs: 0, makespanMs: 0 });
  });

  test("the critical path is a chain of edges as long as it says, and no step on it may slip", () => {
    fc.assert(
      fc.property(anyWorkflow, (workflow) => {
        const { criticalPath, criticalPathMs, durationsMs, slackMs } = schedule(workflow, 1);
        expect(criticalPath.reduce((sum, index) => sum + at(durationsMs, index), 0)).toBe(criticalPathMs);
        for (const [position, index] of criticalPath.entries()) {
          expect(slackMs[index]).toBe(0);
          const needs = at(workflow.steps, index).needs.map(({ from }) => from);
          if (position > 0) expect(needs).toContain(criticalPath[position - 1]);
        }
      }),
    );
  });
});

describe("computeSchedule", () => {
  test("a step starts when its own needs are met, not when a wave ends", () => {
    const specs = [
      { id: "a", durationMs: 10 },
      { id: "b", durationMs: 30 },
      { id: "c", needs: ["a"], durationMs: 5 },
    ];
    expect(starts(specs, 2)).toEqual([0, 0, 10]);
  });

  test("urgent steps go first, then those with the longest chain behind them, then the order of the file", () => {
    const specs: StepSpec[] = [
      { id: "plain", durationMs: 10 },
      { id: "same", durationMs: 10 },
      { id: "longer", durationMs: 10 },
      { id: "urgent", durationMs: 10, priority: 1 },
      { id: "after", needs: ["longer"], durationMs: 10 },
    ];
    expect(starts(specs, 1)).toEqual([20, 30, 10, 0, 40]);
  });

  test("steps that share a lock run one after the other while the worker serves another", () => {
    const specs = [
      { id: "first", durationMs: 10, locks: ["db"] },
      { id: "second", durationMs: 10, locks: ["db"] },
      { id: "third", durationMs: 10, locks: ["db"] },
      { id: "free", durationMs: 10 },
    ];
    expect(starts(specs, 2)).toEqual([0, 10, 20, 0]);
  });

  test("a step parked behind two others waits for both", () => {
    const specs = [
      { id: "left", durationMs: 10, locks: ["a"] },
      { id: "right", durationMs: 25, locks: ["b"] },
      { id: "both", durationMs: 5, locks: ["a", "b"] },
    ];
    expect(starts(specs, 3)).toEqual([0, 0, 25]);
  });

  test("steps without duration end at once", () => {
    expect(
      schedule(
        buildWorkflow([
          { id: "a", durationMs: 0 },
          { id: "b", needs: ["a"], durationMs: 0 },
        ]),
        1,
      ).makespanMs,
    ).toBe(0);
  });

  test("no schedule breaks an edge, a lock or the number of workers, and none is faster than it can be", () => {
    fc.assert(
      fc.property(anyWorkflow, fc.integer({ min: 1, max: 4 }), (workflow, workers) => {
        const { startMs, finishMs, durationsMs, makespanMs, totalMs, criticalPathMs } = schedule(workflow, workers);
        for (const step of workflow.steps) {
          const started = at(startMs, step.index);
          expect(at(finishMs, step.index)).toBe(started + at(durationsMs, step.index));
          for (const { from } of step.needs) expect(at(finishMs, from)).toBeLessThanOrEqual(started);
          const beside = workflow.steps.filter(({ index }) => at(startMs, index) <= started && started < at(finishMs, index));
          expect(beside.length).toBeLessThanOrEqual(workers);
          if (at(durationsMs, step.index) > 0) for (const { index } of beside) expect(step.conflicts).not.toContain(index);
        }
        const speedup = computeSpeedup(totalMs, makespanMs);
        expect(speedup).toBeLessThanOrEqual(computeSpeedup(totalMs, criticalPathMs));
        expect(speedup).toBeLessThanOrEqual(workers);
      }),
    );
  });

  test("without locks and with a worker for each step, the run takes as long as its critical path", () => {
    fc.assert(
      fc.property(anyWorkflow, ({ steps }) => {
        const free = buildWorkflow(
          steps.map((step) => ({ id: step.id, needs: step.needs.map(({ from }) => `s${from}`), durationMs: step.cost.durationMs ?? 0 })),
        );
        const { makespanMs, criticalPathMs, startMs, earliestStartMs } = schedule(free, Math.max(1, steps.length));
        expect(makespanMs).toBe(criticalPathMs);
        expect(startMs).toEqual(earliestStartMs);
      }),
    );
  });
});
