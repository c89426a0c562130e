import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ToldRun } from "../../../test/support/told-run.ts";
import { buildWorkflow, type StepSpec } from "../../../test/support/workflow-builder.ts";
import type { RunReport } from "../../contract/run-report.ts";
import { computeRunReport, peakOf, type ReportInput } from "./run-report.ts";

function report(steps: readonly StepSpec[], run: ToldRun, more: Partial<ReportInput> = {}): RunReport {
  const workflow = buildWorkflow(steps);
  return computeRunReport({ workflow, entries: run.entries, anomalies: [], usualMs: new Map(), usdPerHour: null, ...more });
}

const usage = (startedAt: number, endedAt: number, more: object = {}) => ({ startedAt, endedAt, ...more });

describe("where the time of a step went", () => {
  const run = new ToldRun()
    .ready(0, "a")
    .start(10, "a")
    .retry(110, "a", 1, usage(20, 100, { costUsd: 0.2, tool: "claude" }))
    .wake(310, "a")
    .start(330, "a", 2)
    .succeed(400, "a", 2, usage(340, 390, { costUsd: 0.1, tool: "claude" }))
    .ready(400, "b")
    .start(400, "b")
    .succeed(450, "b")
    .end(460);
  const { steps, time, quality, cost, run: facts } = report([{ id: "a" }, { id: "b", needs: ["a"] }], run);

  test("is split into blocked, queued, running, between attempts and held, and the parts add up", () => {
    expect(steps[0]).toMatchObject({
      blockedMs: 0,
      queueMs: 30,
      runMs: 170,
      retryMs: 200,
      heldMs: 0,
      tookMs: 390,
      workMs: 130,
      resultMs: 50,
    });
    expect(steps[1]).toMatchObject({ blockedMs: 400, queueMs: 0, runMs: 50, tookMs: 50 });
    for (const { endedAt, blockedMs, queueMs, runMs, retryMs, heldMs } of steps)
      expect(blockedMs + queueMs + runMs + retryMs + heldMs).toBe(endedAt);
  });

  test("adds up over the run", () => {
    expect(facts).toMatchObject({ workflow: "sample", state: "succeeded", startedAt: 0, endedAt: 460 });
    expect(time).toEqual({ elapsedMs: 460, workMs: 180, queueMs: 30, runMs: 220, retryMs: 200, heldMs: 0 });
  });

  test("comes with what attempts cost, and what those cost that did not succeed", () => {
    expect(cost).toEqual({ usd: 0.3, wastedUsd: 0.2, byTool: { claude: 0.3 } });
    expect(steps[0]?.attempts).toEqual([
      { attempt: 1, startedAt: 20, endedAt: 100, outcome: "failed", costUsd: 0.2, tool: "claude" },
      { attempt: 2, startedAt: 340, endedAt: 390, outcome: "succeeded", costUsd: 0.1, tool: "claude" },
    ]);
  });

  test("comes with how often the first attempt was enough", () => {
    expect(quality).toMatchObject({
      executedSteps: 2,
      succeededFirst: 1,
      firstAttemptRate: 0.5,
      attempts: 3,
      failedAttempts: 1,
      retries: 1,
    });
  });
});

test("an attempt that never began and is dispatched again is one attempt", () => {
  const run = new ToldRun().ready(0, "a").start(0, "a").wake(10, "a").start(30, "a", 1).succeed(50, "a", 1, usage(30, 50)).end(50);
  const { steps, quality } = report([{ id: "a" }], run);
  expect(steps[0]).toMatchObject({ queueMs: 20, runMs: 30, attempts: [{ attempt: 1, startedAt: 30, outcome: "succeeded" }] });
  expect(quality).toMatchObject({ attempts: 1, succeededFirst: 1, retries: 0 });
});

describe("a run whose engine died", () => {
  const told = new ToldRun().ready(0, "a").ready(0, "b").start(0, "a").start(0, "b");
  told.orphan(9_000, "a", 1, 1).orphan(9_000, "b", 1, 1).lose(9_010, "b", 1).start(9_020, "b", 2);
  told.succeed(9_030, "a", 1, usage(5, 105)).succeed(9_120, "b", 2, usage(9_020, 9_120)).end(9_120);
  const { time, steps, quality, parallel } = report([{ id: "a" }, { id: "b" }], told);

  test("counts the work that attempts report, not the time in which nobody looked", () => {
    expect(time).toMatchObject({ elapsedMs: 9_120, workMs: 200 });
    expect(steps.map(({ workMs, runMs }) => [workMs, runMs])).toEqual([
      [100, 9_030],
      [100, 9_110],
    ]);
    expect(parallel.peak).toBe(2);
  });

  test("tells what was lost", () => {
    expect(quality).toMatchObject({ engineDeaths: 1, lostAttempts: 1, attempts: 3, succeededFirst: 1, executedSteps: 2 });
  });

  test("has the same figures for what was known at the crash, read before and after", () => {
    const known = told.entries.filter(({ at }) => at === 0);
    const before = computeRunReport({
      workflow: buildWorkflow([{ id: "a" }, { id: "b" }]),
      entries: known,
      anomalies: [],
      usualMs: new Map(),
      usdPerHour: null,
    });
    expect(before).toMatchObject({ asOf: 0, progress: { done: 0, total: 2, percent: 0 }, run: { endedAt: null, state: "running" } });
  });
});

describe("the critical path as it was", () => {
  const pathOf = ({ criticalPath: { steps } }: RunReport) =>
    steps.map(({ id, because, waitMs, totalMs }) => [id, because, waitMs, totalMs]);

  test("leads over the need that ended last, and its pieces add up to the run", () => {
    const run = new ToldRun().ready(0, "a").start(0, "a").ready(0, "b").start(0, "b");
    run.succeed(50, "a").succeed(80, "b").ready(80, "c").start(100, "c").succeed(200, "c").end(200);
    const { criticalPath } = report([{ id: "a" }, { id: "b" }, { id: "c", needs: ["a", "b"] }], run);
    expect(criticalPath).toMatchObject({
      totalMs: 200,
      steps: [
        { id: "b", after: null },
        { id: "c", after: "b", runMs: 100 },
      ],
    });
  });

  test("leads over who held a lock", () => {
    const run = new ToldRun().ready(0, "a").start(0, "a").succeed(100, "a").ready(100, "b").start(105, "b").succeed(150, "b").end(150);
    const steps = [
      { id: "a", locks: ["db"] },
      { id: "b", locks: ["db"] },
    ];
    expect(pathOf(report(steps, run))).toEqual([
      ["a", "start", 0, 100],
      ["b", "lock", 5, 50],
    ]);
  });

  test("is not that of expected durations: waiting for a place counts", () => {
    const run = new ToldRun()
      .ready(0, "slow")
      .ready(0, "quick")
      .start(0, "slow")
      .succeed(100, "slow")
      .start(100, "quick")
      .succeed(110, "quick")
      .end(110);
    expect(pathOf(report([{ id: "slow" }, { id: "quick" }], run))).toEqual([["quick", "start", 100, 110]]);
  });

  test("leaves out steps that took no time, and goes on before them", () => {
    const run = new ToldRun().ready(0, "a").start(0, "a").succeed(40, "a").skip(40, "b", "its condition is false: 1 > 2");
    run.ready(40, "c").start(40, "c").succeed(90, "c").end(90);
    const { criticalPath, steps, quality } = report([{ id: "a" }, { id: "b", needs: ["a"] }, { id: "c", needs: ["b"] }], run);
    expect(criticalPath.steps.map(({ id, after }) => [id, after])).toEqual([
      ["a", null],
      ["c", "b"],
    ]);
    expect(steps[1]).toMatchObject({ state: "skipped", skippedBecause: "its condition is false: 1 > 2", tookMs: null });
    expect(quality).toMatchObject({ skippedSteps: 1, executedSteps: 2 });
  });

  test("ends when a released step has ended after those that waited for it", () => {
    const run = new ToldRun()
      .ready(0, "a")
      .start(0, "a")
      .quarantine(10, "a", 1)
      .release(500, "a")
      .start(500, "a", 2)
      .succeed(510, "a", 2)
      .end(510);
    const { criticalPath, steps, quality } = report([{ id: "a" }], run);
    expect(steps[0]).toMatchObject({ heldMs: 490, runMs: 20 });
    expect(quality.quarantines).toBe(1);
    expect(criticalPath.totalMs).toBe(510);
  });

  test("of any run adds up to the time until its last step ended", () => {
    const spans = fc.array(fc.record({ wait: fc.nat(50), run: fc.nat(100), needs: fc.array(fc.nat(30), { maxLength: 3 }) }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(spans, (drawn) => {
        const ends: number[] = [];
        const run = new ToldRun();
        const steps = drawn.map(({ wait, run: took, needs }, index): StepSpec => {
          const earlier = [...new Set(needs.filter((need) => need < index))];
          const readyAt = Math.max(0, ...earlier.map((need) => ends[need] ?? 0));
          ends[index] = readyAt + wait + took;
          run
            .ready(readyAt, `s${index}`)
            .start(readyAt + wait, `s${index}`)
            .succeed(ends[index], `s${index}`);
          return { id: `s${index}`, needs: earlier.map((need) => `s${need}`) };
        });
        const last = Math.max(...ends);
        const { criticalPath, steps: reported } = report(steps, run.end(last));
        expect(criticalPath.totalMs).toBe(last);
        for (const { endedAt, blockedMs, queueMs, runMs, retryMs } of reported) expect(blockedMs + queueMs + runMs + retryMs).toBe(endedAt);
      }),
      { numRuns: 50 },
    );
  });
});

describe("parallel work", () => {
  test("speed-up is work over elapsed time, and its limit the longest chain of work", () => {
    const run = new ToldRun();
    for (const id of ["a", "b", "c"]) run.ready(0, id).start(0, id);
    for (const id of ["a", "b", "c"]) run.succeed(100, id, 1, usage(0, 100));
    run.ready(100, "d").start(100, "d").succeed(200, "d", 1, usage(100, 200)).end(200);
    const { parallel } = report([{ id: "a" }, { id: "b" }, { id: "c" }, { id: "d", needs: ["a"] }], run);
    expect(parallel).toEqual({ peak: 3, speedup: 2, speedupLimit: 2, efficiency: 2 / 3 });
  });

  test("a run that ended at once has neither gain nor loss", () => {
    expect(report([], new ToldRun().end(0)).parallel).toEqual({ peak: 0, speedup: 1, speedupLimit: 1, efficiency: 1 });
  });

  test("one that ends when another begins makes room for it", () => {
    expect(
      peakOf([
        { from: 0, to: 10 },
        { from: 10, to: 20 },
      ]),
    ).toBe(1);
    expect(
      peakOf([
        { from: 5, to: 5 },
        { from: 5, to: 5 },
      ]),
    ).toBe(2);
    expect(peakOf([])).toBe(0);
  });
});

describe("what was saved", () => {
  const run = new ToldRun()
    .reuse(0, "a")
    .ready(0, "b")
    .start(0, "b")
    .succeed(60_000, "b", 1, usage(0, 60_000, { costUsd: 2 }));
  run.ready(60_000, "c").start(60_000, "c").fail(61_000, "c").end(61_000, "failed");
  const steps: StepSpec[] = [
    { id: "a", manualMinutes: 30 },
    { id: "b", manualMinutes: 31 },
    { id: "c", manualMinutes: 90 },
  ];

  test("counts declared minutes of steps that succeeded here, less the time they took", () => {
    const { savings, cache } = report(steps, run);
    expect(savings).toEqual({
      declaredSteps: 1,
      manualMs: 31 * 60_000,
      savedMs: 30 * 60_000,
      savedUsd: null,
      roi: null,
      breakEvenUsdPerHour: 4,
    });
    expect(cache).toEqual({ reusedSteps: 1, savedMs: null });
  });

  test("is worth money, and a return on the cost, where an hour has a price", () => {
    expect(report(steps, run, { usdPerHour: 80 }).savings).toMatchObject({ savedUsd: 40, roi: 19 });
  });

  test("has no return where nothing was spent or declared", () => {
    const free = new ToldRun().ready(0, "a").start(0, "a").succeed(10, "a").end(10);
    expect(report([{ id: "a", manualMinutes: 1 }], free, { usdPerHour: 60 }).savings).toMatchObject({ roi: null, breakEvenUsdPerHour: 0 });
    expect(report([{ id: "a" }], free, { usdPerHour: 60 }).savings).toMatchObject({
      declaredSteps: 0,
      savedMs: 0,
      savedUsd: null,
      breakEvenUsdPerHour: null,
    });
  });

  test("is a loss where a person would have been faster", () => {
    const slow = new ToldRun().ready(0, "a").start(0, "a").succeed(120_000, "a").end(120_000);
    expect(report([{ id: "a", manualMinutes: 1 }], slow).savings).toMatchObject({ savedMs: -60_000, breakEvenUsdPerHour: null });
  });

  test("by taking results over is what they usually take", () => {
    expect(report(steps, run, { usualMs: new Map([["a", 5_000]]) }).cache).toEqual({ reusedSteps: 1, savedMs: 5_000 });
  });
});

describe("a step that fanned out", () => {
  const run = new ToldRun().ready(0, "each").start(0, "each").fan(10, "each", ["a", "b"]);
  run.ready(10, "each[a]").ready(10, "each[b]").start(10, "each[a]").start(20, "each[b]");
  run.retry(60, "each[a]", 1, usage(10, 60, { costUsd: 0.2, tool: "claude" })).start(100, "each[a]", 2);
  run.succeed(200, "each[a]", 2, usage(100, 200, { costUsd: 0.1, tool: "claude" })).succeed(120, "each[b]", 1, usage(20, 120));
  run.join(200, "each").end(200);
  const { steps, time, parallel, quality, cost } = report([{ id: "each" }], run);

  test("has the work, the attempts and the cost of its items, and took as long as they did", () => {
    expect(steps[0]).toMatchObject({
      tookMs: 200,
      runMs: 200,
      workMs: 260,
      items: { total: 2, states: { succeeded: 2 }, attempts: 3, retries: 1, longestMs: 150 },
    });
    expect(steps[0]?.costUsd).toBeCloseTo(0.3);
    expect(cost).toEqual({ usd: 0.3, wastedUsd: 0.2, byTool: { claude: 0.3 } });
    expect(time.workMs).toBe(260);
  });

  test("counts by its items in what ran at once, and in how often the first attempt was enough", () => {
    expect(parallel).toMatchObject({ peak: 2, speedup: 1.3 });
    expect(quality).toMatchObject({ executedSteps: 2, succeededFirst: 1, attempts: 3, retries: 1 });
  });
});
