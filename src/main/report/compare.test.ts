import { describe, expect, test } from "vitest";
import { RUN, ToldRun } from "../../../test/support/told-run.ts";
import { buildWorkflow } from "../../../test/support/workflow-builder.ts";
import type { RunComparison, RunReport } from "../../contract/run-report.ts";
import type { RunId } from "../../core/ids.ts";
import type { RunSample } from "../../ports/store.ts";
import { computeComparison } from "./compare.ts";
import { computeRunReport } from "./run-report.ts";

const OTHER = `run_${"2".repeat(32)}` as RunId;

function reportOf(
  id: RunId,
  tookMs: number,
  more: { readonly costUsd?: number; readonly workflow?: string; readonly steps?: readonly string[] } = {},
): RunReport {
  const { steps = ["a"], workflow = "sample", costUsd = 0 } = more;
  const run = new ToldRun(id, { workflow });
  for (const step of steps) run.ready(0, step).start(0, step).succeed(tookMs, step, 1, { startedAt: 0, endedAt: tookMs, costUsd });
  const input = { workflow: buildWorkflow(steps.map((step) => ({ id: step }))), anomalies: [], usualMs: new Map(), usdPerHour: null };
  return computeRunReport({ ...input, entries: run.end(tookMs).entries });
}

/** Durations of `a` around two seconds, the spread being about a tenth. */
function samples(count: number): readonly RunSample[] {
  return Array.from({ length: count }, (_, index) => ({
    runId: `run_${index}` as RunId,
    createdAt: index,
    endedAt: index,
    steps: new Map([["a", { durationMs: 2_000 * (1 + 0.15 * Math.sin(index)), costUsd: 0, retries: 0, outputBytes: 6 }]]),
  }));
}

const NONE = { earlier: [], later: [] };
const durationOf = ({ steps }: RunComparison) => steps[0]?.durationMs;

describe("a difference between two runs", () => {
  const left = reportOf(RUN, 2_000);

  test("is significant when it is more than what ordinary runs differ by", () => {
    const histories = { earlier: samples(30), later: samples(31) };
    const slower = computeComparison({ left, right: reportOf(OTHER, 9_000), histories });
    expect(durationOf(slower)).toMatchObject({
      left: 2_000,
      right: 9_000,
      delta: 7_000,
      significance: { kind: "significant", samples: 30 },
    });
    expect(slower.history).toEqual({ runs: 30, before: "left" });
    const ordinary = computeComparison({ left, right: reportOf(OTHER, 2_300), histories });
    expect(durationOf(ordinary)).toMatchObject({ delta: 300, significance: { kind: "ordinary" } });
  });

  test("has a sign, and the same score in both directions", () => {
    const histories = { earlier: samples(30), later: samples(30) };
    const right = reportOf(OTHER, 9_000);
    const up = durationOf(computeComparison({ left, right, histories }))?.significance;
    const down = durationOf(computeComparison({ left: right, right: left, histories }))?.significance;
    if (up?.kind !== "significant" || down?.kind !== "significant") throw new Error("both are significant");
    expect(up.score).toBeGreaterThan(3.5);
    expect(down.score).toBe(-up.score);
  });

  test("is not judged without enough history, and says how much there is", () => {
    const one = computeComparison({ left, right: reportOf(OTHER, 90_000), histories: NONE });
    expect(durationOf(one)?.significance).toEqual({ kind: "not_enough_history", samples: 0, needed: 10 });
    const some = computeComparison({ left, right: reportOf(OTHER, 90_000), histories: { earlier: samples(4), later: samples(4) } });
    expect(durationOf(some)?.significance).toEqual({ kind: "not_enough_history", samples: 4, needed: 10 });
  });

  test("is held against what came before the later run where the earlier one had too little, without the two themselves", () => {
    const later = [...samples(12), { ...(samples(1)[0] as RunSample), runId: RUN }];
    const comparison = computeComparison({ left, right: reportOf(OTHER, 9_000), histories: { earlier: samples(2), later } });
    expect(comparison.history).toEqual({ runs: 12, before: "right" });
    expect(durationOf(comparison)?.significance).toMatchObject({ kind: "significant", samples: 12 });
  });

  test("of costs and retries is judged as well, that of waiting for a place is only told", () => {
    const right = reportOf(OTHER, 2_000, { costUsd: 3 });
    const [step] = computeComparison({ left, right, histories: { earlier: samples(30), later: samples(30) } }).steps;
    expect(step).toMatchObject({
      costUsd: { delta: 3, significance: { kind: "significant" } },
      retries: { delta: 0, significance: { kind: "ordinary", score: 0 } },
      queueMs: { left: 0, right: 0, delta: 0 },
    });
  });

  test("of different workflows has no history, and a step of one run only has no change", () => {
    const right = reportOf(OTHER, 2_000, { workflow: "another", steps: ["b"] });
    const comparison = computeComparison({ left, right, histories: { earlier: samples(30), later: samples(30) } });
    expect(comparison).toMatchObject({ history: null, workflow: ["sample", "another"] });
    expect(comparison.steps).toMatchObject([
      { id: "b", only: "right", durationMs: { left: null, right: 2_000, delta: null, significance: { kind: "not_comparable" } } },
      { id: "a", only: "left" },
    ]);
  });
});
