import { describe, expect, test } from "vitest";
import type { EventView } from "../../contract/event-view.ts";
import { createLook } from "../render/look.ts";
import { widthOf } from "../render/text.ts";
import { type FrameInput, renderFrame } from "./live-frame.ts";
import { applyEvent, emptyRun, type LiveRun } from "./live-model.ts";

const look = createLook({ columns: 80, hasColour: false });
const RUN_ID = "run_01a1fe69b0f47ba1a7fa5d4942eccca4";

/** Events by short hand: step (or null for the run), type, state entered, second, data. */
type Told = readonly [stepId: string | null, type: string, to: string, second: number, data?: EventView["data"]];

function runOf(ids: readonly string[], told: readonly Told[]): LiveRun {
  const run = emptyRun(ids);
  for (const [index, [stepId, type, to, second, data = {}]] of told.entries()) {
    const at = new Date(second * 1_000).toISOString();
    const attempt = typeof data.attempt === "number" ? { attempt: data.attempt } : {};
    applyEvent(run, {
      seq: index + 1,
      id: "",
      type,
      at,
      tenant: "default",
      runId: RUN_ID,
      to,
      data,
      traceId: "0".repeat(32),
      spanId: "0".repeat(16),
      ...(stepId !== null && { stepId }),
      ...attempt,
    });
  }
  return run;
}

function frame(run: LiveRun, parts: Partial<FrameInput> = {}): string[] {
  const input: FrameInput = {
    runId: RUN_ID,
    name: "build",
    run,
    waves: [[...run.steps.keys()]],
    needs: new Map(),
    p50Ms: new Map(),
    lastLines: new Map(),
    forecast: { percent: 40, remainingMs: null },
    now: 10_000,
    rows: 24,
    hint: null,
    ...parts,
  };
  return renderFrame(input, look);
}

const started: Told = [null, "run.started", "running.executing", 1];

test("a line a step says what it does, how long it usually takes, and what it printed last", () => {
  const run = runOf(
    ["fetch", "flaky", "compile", "deploy", "report", "order"],
    [
      started,
      ["fetch", "step.started", "running.executing", 1, { attempt: 1 }],
      ["fetch", "step.succeeded", "succeeded", 3],
      ["flaky", "step.started", "running.executing", 1, { attempt: 1 }],
      ["flaky", "step.retrying", "retrying", 8, { dueAt: 12_000, outcome: { failure: { title: "Exit code 75." } } }],
      ["compile", "step.started", "running.executing", 2, { attempt: 2 }],
      ["deploy", "step.skipped", "skipped", 4, { reason: { kind: "when", text: "its condition is false" } }],
      ["order", "step.quarantined", "quarantined", 5, { outcome: { failure: { title: "Nobody knows what it did." } } }],
    ],
  );
  const lines = frame(run, {
    needs: new Map([["report", ["fetch", "compile"]]]),
    p50Ms: new Map([["compile", 12_000]]),
    lastLines: new Map([["compile", "[3/20] cc -o\u001b[1m main.o"]]),
    forecast: { percent: 40, remainingMs: 5_000 },
  });
  expect(lines).toEqual([
    "⠋ build  2/6 steps  40 %  9.0 s  about 5.0 s left  run_01a1fe69b0f47ba1",
    "  ✔ fetch    2.0 s",
    "  ↻ flaky    again in 2.0 s  Exit code 75.",
    "  ● compile  attempt 2  8.0 s of 12 s  [3/20] cc -o main.o",
    "  ↷ deploy   its condition is false",
    "  · report   waits for compile",
    "  ⚠ order    Nobody knows what it did.",
  ]);
});

test("a step that was repeated shows the work of its attempts, and while it runs the time of this one", () => {
  const usage = (seconds: number) => ({
    usage: { startedAt: 0, endedAt: seconds * 1_000 },
    outcome: { failure: { title: "Exit code 75." } },
  });
  const told: Told[] = [
    started,
    ["a", "step.started", "running.executing", 1, { attempt: 1 }],
    ["a", "step.retrying", "retrying", 2, { dueAt: 7_000, ...usage(1) }],
    ["a", "attempt.started", "running.executing", 7, { attempt: 2 }],
  ];
  expect(frame(runOf(["a"], told), { now: 9_000 })[1]).toBe("  ● a  attempt 2  2.0 s");
  const ended: Told = ["a", "step.succeeded", "succeeded", 10, { attempt: 2, ...usage(3) }];
  expect(frame(runOf(["a"], [...told, ended]), { now: 11_000 })[1]).toBe("  ✔ a  attempt 2  4.0 s");
});

test("a step's own report takes the place of its last line", () => {
  const run = runOf(
    ["a"],
    [
      started,
      ["a", "step.started", "running.executing", 9, { attempt: 1 }],
      ["a", "step.progress", "running.executing", 9.5, { progress: { percent: 33.3, message: "a third" } }],
    ],
  );
  expect(frame(run, { lastLines: new Map([["a", "printed"]]) })[1]).toBe("  ● a  1.0 s  33 % a third");
});

test("a paused run says so, and a hint stands at the end", () => {
  const run = runOf(["a"], [started, [null, "run.paused", "running.paused", 2]]);
  const lines = frame(run, { hint: "Press Ctrl-C again to force." });
  expect(lines[0]).toContain("‖ build  0/1 steps  40 %  9.0 s  paused");
  expect(lines.at(-1)).toBe("Press Ctrl-C again to force.");
});

describe("more steps than rows", () => {
  const waves = Array.from({ length: 12 }, (_, wave) => Array.from({ length: 10 }, (_, index) => `w${wave + 1}_${index}`));
  const ids = waves.flat();
  const told: Told[] = [started];
  for (const id of ids.slice(0, 50)) told.push([id, "step.succeeded", id === "w2_3" ? "skipped" : "succeeded", 3]);
  for (const id of waves[5] ?? []) told.push([id, "step.started", "running.executing", 5, { attempt: 1 }]);
  const run = runOf(ids, told);

  test("waves in which nothing moves are folded", () => {
    expect(frame(run, { waves, rows: 24 })).toEqual([
      "⠋ build  50/120 steps  40 %  9.0 s  run_01a1fe69b0f47ba1",
      "  ✔ waves 1-5: 49 succeeded, 1 skipped",
      ...(waves[5] ?? []).map((id) => `  ● ${id}   5.0 s`),
      "  · waves 7-12: 60 steps ahead",
    ]);
  });

  test.each([6, 10, 15, 24, 200])("a frame never has more lines than a terminal of %d rows", (rows) => {
    expect(frame(run, { waves, rows }).length).toBeLessThan(rows);
  });

  test("what runs is shown before what waits", () => {
    const lines = frame(run, { waves, rows: 9 });
    expect(lines.filter((line) => line.startsWith("  ●"))).toHaveLength(4);
    expect(lines.at(-1)).toBe("    and 6 more steps in these waves");
  });
});

test.each([20, 30, 60, 120])("no line is as wide as a terminal of %d columns, so that none wraps", (columns) => {
  const run = runOf(["an_identifier_that_is_rather_long", "b"], [started, ["b", "step.started", "running.executing", 5, { attempt: 3 }]]);
  const narrow = createLook({ columns, hasColour: false });
  const input = {
    runId: RUN_ID,
    name: "工作流程".repeat(8),
    run,
    waves: [["an_identifier_that_is_rather_long", "b"]],
    needs: new Map([["an_identifier_that_is_rather_long", ["b"]]]),
    p50Ms: new Map(),
    lastLines: new Map([["b", "x".repeat(300)]]),
    forecast: { percent: 1, remainingMs: 1 },
    now: 9_000,
    rows: 24,
    hint: "hint ".repeat(40),
  };
  for (const line of renderFrame(input, narrow)) expect(widthOf(line)).toBeLessThan(columns);
});

test("a fan-out is one step, whose items are counted against all that it has", () => {
  const run = runOf(
    ["each", "after"],
    [
      started,
      ["each", "step.started", "running.executing", 1, { attempt: 1 }],
      ["each", "step.expanded", "running.fanned", 1, { keys: ["a", "b", "c", "d"] }],
      ["each[a]", "step.failed", "failed", 3],
      ["each[b]", "step.started", "running.executing", 3, { attempt: 1 }],
    ],
  );
  const lines = frame(run, { waves: [["each"], ["after"]] });
  expect(lines[0]).toContain("  0/2 steps  ");
  expect(lines[1]).toBe("  ● each   1/4 items  9.0 s  1 failed");
});
