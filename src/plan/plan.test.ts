import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyWorkflow } from "../../test/support/arbitrary-workflow.ts";
import { buildWorkflow } from "../../test/support/workflow-builder.ts";
import { plan } from "./plan.ts";

const release = buildWorkflow(
  [
    { id: "build", durationMs: 2_000, timeout: 10_000 },
    { id: "test", needs: ["build"], durationMs: 3_000, timeout: 10_000 },
    { id: "lint", needs: [{ step: "build", field: "with.files", text: "$build.files" }], timeout: 10_000 },
    { id: "ship", needs: ["test", "lint"], timeout: 10_000 },
  ],
  { name: "release", concurrency: 2 },
);

describe("plan", () => {
  test("waves hold the main steps; handlers, compensations and `finally` are told beside them", () => {
    const planned = plan(
      buildWorkflow([
        { id: "a" },
        { id: "b", needs: ["a", "h"] },
        { id: "h", needs: ["a"], phase: { kind: "handler", of: 0, rule: 0 } },
        { id: "a__compensate", phase: { kind: "compensation", of: 0 } },
        { id: "f", phase: { kind: "finally" } },
      ]),
      { workers: 2 },
    );
    expect(planned.waves).toEqual([["a"], ["b"]]);
    expect(planned.edges.map(({ from, to }) => `${from} ${to}`)).toEqual(["a b"]);
    expect(planned.later).toEqual([
      { id: "h", phase: "handler", of: "a" },
      { id: "a__compensate", phase: "compensation", of: "a" },
      { id: "f", phase: "finally", of: null },
    ]);
  });

  test("has the documented shape", () => {
    const { edges, ...rest } = plan(release, { workers: 8 });
    expect(rest).toEqual({
      workflow: "release",
      steps: [
        { id: "build", needs: [], wave: 1, critical: true, slackMs: 0, estimateMs: 2_000 },
        { id: "test", needs: ["build"], wave: 2, critical: true, slackMs: 0, estimateMs: 3_000 },
        { id: "lint", needs: ["build"], wave: 2, critical: false, slackMs: 2_000, estimateMs: 1_000 },
        { id: "ship", needs: ["test", "lint"], wave: 3, critical: true, slackMs: 0, estimateMs: 1_000 },
      ],
      waves: [["build"], ["test", "lint"], ["ship"]],
      criticalPath: ["build", "test", "ship"],
      totalMs: 7_000,
      criticalPathMs: 6_000,
      workers: 2,
      makespanMs: 6_000,
      speedup: 7 / 6,
      speedupLimit: 7 / 6,
      later: [],
      bounds: { durationMs: 35_000, attempts: 4, costUsd: 0, unbounded: { duration: [], cost: [] }, perItem: [] },
    });
    expect(edges.map(({ from, to, because }) => [from, to, ...because.map(({ field, kind }) => `${kind} ${field}`)])).toEqual([
      ["build", "test", "needs needs[0]"],
      ["build", "lint", "reference with.files"],
      ["test", "ship", "needs needs[0]"],
      ["lint", "ship", "needs needs[1]"],
    ]);
  });

  test("takes the median of history where the author declared nothing", () => {
    const history = new Map([
      ["lint", [4_000, 5_000, 9_000]],
      ["test", [9_000]],
    ]);
    const { steps, criticalPath } = plan(release, { workers: 1, history });
    expect(steps[2]).toMatchObject({ estimateMs: 5_000, p50Ms: 5_000, p90Ms: 8_200 });
    expect(steps[1]).toMatchObject({ estimateMs: 3_000, p50Ms: 9_000 });
    expect(steps[0]).not.toHaveProperty("p50Ms");
    expect(criticalPath).toEqual(["build", "lint", "ship"]);
  });

  test("plans with at least one worker", () => {
    expect(plan(release, { workers: 0 })).toMatchObject({ workers: 1, makespanMs: 7_000, speedup: 1 });
  });

  test("is plain JSON", () => {
    fc.assert(
      fc.property(anyWorkflow, (workflow) => {
        const planned = plan(workflow, { workers: 2 });
        expect(JSON.parse(JSON.stringify(planned))).toEqual(planned);
      }),
    );
  });

  test("36 steps in a longest chain of 8 are never planned above 4.5 times, and reach 3 times with 4 workers", () => {
    const chain = Array.from({ length: 8 }, (_, index) => ({ id: `c${index}`, needs: index === 0 ? [] : [`c${index - 1}`] }));
    const others = Array.from({ length: 28 }, (_, index) => ({ id: `o${index}`, needs: [`c${index % 7}`] }));
    const workflow = buildWorkflow([...chain, ...others], { name: "workstreams" });
    expect(plan(workflow, { workers: 36 })).toMatchObject({ speedupLimit: 4.5 });
    expect(plan(workflow, { workers: 4 }).speedup).toBeGreaterThanOrEqual(3);
  });
});
