import { describe, expect, test } from "vitest";
import type { RunView, StepView } from "../../contract/run-view.ts";
import { createLook } from "./look.ts";
import { renderSummary, type SummaryInput } from "./run-summary.ts";

const look = createLook({ columns: 80, hasColour: false });

function step(id: string, parts: Partial<StepView> = {}): StepView {
  return {
    id,
    itemKey: null,
    type: "shell",
    title: null,
    state: "succeeded",
    detail: parts.state ?? "succeeded",
    attempts: 1,
    output: null,
    error: null,
    skippedBecause: null,
    quarantinedBecause: null,
    lateResult: null,
    cached: false,
    tool: null,
    startedAt: 0,
    endedAt: 0,
    durationMs: 1_000,
    workMs: parts.durationMs ?? 1_000,
    costUsd: 0,
    dueAt: null,
    ...parts,
  };
}

function input(parts: Partial<RunView>, more: Partial<SummaryInput> = {}): SummaryInput {
  const view: RunView = {
    id: "run_01a1fe69b0f47ba1a7fa5d4942eccca4",
    workflow: "build",
    definitionHash: "",
    tenant: "default",
    priority: 3,
    state: "succeeded",
    detail: parts.state ?? "succeeded",
    input: {},
    output: null,
    error: null,
    createdAt: 0,
    startedAt: 0,
    endedAt: 2_000,
    durationMs: 2_000,
    costUsd: 0,
    waitingFor: null,
    parent: null,
    progress: { done: 0, total: parts.steps?.length ?? 0, percent: 0 },
    steps: [],
    ...parts,
  };
  return { view, criticalPath: [], retries: new Map(), logTails: new Map(), ...more };
}

const failure = { class: "permanent", code: "EXIT_CODE", title: "Exit code 3.", detail: "boom\nbang\n" } as const;

describe("a run at rest", () => {
  test("that succeeded shows retried, skipped and taken-over steps, its output, and what it gained", () => {
    const steps = [
      step("fetch", { cached: true }),
      step("compile", { attempts: 2, durationMs: 2_000, costUsd: 0.5 }),
      step("deploy", { state: "skipped", attempts: 0, skippedBecause: "its condition is false: input.deploy" }),
      step("report", { durationMs: 2_000 }),
    ];
    const retries = new Map([["compile", ["connection refused"]]]);
    const parent = { runId: "run_01a1fe68822e7d38ae1128366ddf66d7", relation: "retry", from: null };
    expect(renderSummary(input({ steps, output: { ok: true }, parent }, { criticalPath: ["compile", "report"], retries }), look)).toEqual([
      "✔ build succeeded in 2.0 s  run_01a1fe69b0f47ba1, retry of run_01a1fe68822e7d38",
      "├─ ✔ fetch    taken over",
      "├─ ✔ compile  2.0 s  2 attempts  $0.50",
      "│     attempt 1: connection refused",
      "├─ ↷ deploy   skipped: its condition is false: input.deploy",
      "└─ ✔ report   2.0 s",
      "",
      "output",
      '  {"ok":true}',
      "",
      "2 steps took 4.0 s of work in 2.0 s, 2.0× as fast as one after the other",
      "critical path: compile → report",
    ]);
  });

  test("that failed shows the reason once, the last lines printed, and the commands to go on", () => {
    const steps = [
      step("a", { state: "failed", error: failure }),
      step("b", { state: "skipped", attempts: 0, skippedBecause: "it needs `a`, which failed" }),
    ];
    const logTails = new Map([["a", ["boom", "something else"]]]);
    expect(renderSummary(input({ state: "failed", steps, error: { step: "a", failure } }, { logTails }), look)).toEqual([
      "✖ build failed after 2.0 s  run_01a1fe69b0f47ba1",
      "├─ ✖ a  1.0 s  Exit code 3. (EXIT_CODE)",
      "│     boom",
      "│     bang",
      "│     │ something else",
      "└─ ↷ b  skipped: it needs `a`, which failed",
      "",
      "troupe logs run_01a1fe69b0f47ba1 a  what it printed",
      "troupe why run_01a1fe69b0f47ba1 a   why it failed",
      "troupe retry run_01a1fe69b0f47ba1   run again what did not succeed",
    ]);
  });

  test("that waits for a person names the decisions", () => {
    const steps = [step("order", { state: "quarantined", error: failure })];
    const lines = renderSummary(input({ state: "quarantined", steps, endedAt: null, durationMs: null }), look);
    expect(lines[0]).toBe("⚠ build waits for a person, 0 of 1 step done  run_01a1fe69b0f47ba1");
    expect(lines).toContain("troupe quarantine release run_01a1fe69b0f47ba1 order  let it run again");
  });

  test("that waits for an approval tells what is asked, and offers the decision in place of an engine", () => {
    const ask = step("ask", { type: "approval", state: "running", detail: "running.parked", endedAt: null });
    const view = {
      state: "running",
      detail: "running.waiting",
      waitingFor: "a person's approval (step `ask`)",
      steps: [ask],
      durationMs: null,
    };
    expect(renderSummary(input(view, { parked: new Map([["ask", "waits for approval: Go?"]]) }), look)).toEqual([
      "● build waits for a person's approval, 0 of 1 step done  run_01a1fe69b0f47ba1",
      "└─ ● ask  1.0 s  waits for approval: Go?",
      "",
      "troupe why run_01a1fe69b0f47ba1          what it waits for",
      "troupe approve run_01a1fe69b0f47ba1 ask  say yes to what it asks",
      "troupe reject run_01a1fe69b0f47ba1 ask   say no",
    ]);
  });

  test("that went on past failed items tells how many, and output is offered only where there is some", () => {
    const items = ["x", "y"].map((itemKey) =>
      step(`each[${itemKey}]`, { itemKey, state: itemKey === "x" ? "failed" : "succeeded", error: itemKey === "x" ? failure : null }),
    );
    const hook = step("hook", { type: "webhook", state: "failed", error: failure });
    const lines = renderSummary(input({ state: "failed", error: { step: "hook", failure }, steps: [step("each"), ...items, hook] }), look);
    expect(lines[1]?.trimEnd()).toBe("├─ ✔ each   1.0 s  1 of 2 items failed");
    expect(lines.filter((line) => line.startsWith("troupe "))).toEqual([
      "troupe why run_01a1fe69b0f47ba1 hook  why it failed",
      "troupe retry run_01a1fe69b0f47ba1     run again what did not succeed",
    ]);
  });

  test("that is not at rest says how to go on", () => {
    const lines = renderSummary(
      input({
        state: "running",
        detail: "running.paused",
        durationMs: null,
        steps: [step("a", { state: "pending", detail: "pending.blocked", attempts: 0 })],
      }),
      look,
    );
    expect(lines[0]).toBe("‖ build is paused, 0 of 1 step done  run_01a1fe69b0f47ba1");
    expect(lines[1]).toBe("└─ · a  blocked");
    expect(lines.at(-1)).toContain("troupe resume run_01a1fe69b0f47ba1");
  });

  test("that failed as a whole says so below its steps", () => {
    const error = { step: null, failure: { class: "timeout", code: "RUN_TIMEOUT", title: "The run took too long." } as const };
    expect(renderSummary(input({ state: "failed", error }), look).slice(1, 3)).toEqual(["", "The run took too long. (RUN_TIMEOUT)"]);
  });
});

test("work is what attempts took; waits between them are told apart and make nothing faster", () => {
  const steps = [
    step("flaky", { attempts: 3, workMs: 600, durationMs: 12_600 }),
    step("quick", { attempts: 2, workMs: 600, durationMs: 650 }),
  ];
  const lines = renderSummary(input({ steps, durationMs: 12_600 }), look);
  expect(lines).toContain("├─ ✔ flaky  600 ms  3 attempts  12 s between");
  expect(lines).toContain("└─ ✔ quick  600 ms  2 attempts");
  expect(lines).toContain("2 steps took 1.2 s of work in 13 s");
});

describe("a run that is not at rest says how far it is", () => {
  const lineOf = (forecast: NonNullable<SummaryInput["forecast"]>, detail = "running.executing"): string | undefined =>
    renderSummary(input({ state: "running", detail }, { forecast }), look)[1];

  test("with the time that is left where it is known, and whether anybody drives it", () => {
    expect(lineOf({ percent: 40, remainingMs: null, endsAt: null, isDriven: true })).toBe("40 % done");
    expect(lineOf({ percent: 40, remainingMs: 5_000, endsAt: null, isDriven: false })).toBe(
      "40 % done, about 5.0 s left; nobody drives it at the moment",
    );
    expect(lineOf({ percent: 40, remainingMs: 5_000, endsAt: 0, isDriven: true })).toMatch(/^40 % done, about 5\.0 s left \(until .+\)$/);
    expect(lineOf({ percent: 1, remainingMs: null, endsAt: null, isDriven: false }, "running.paused")).toBe("1 % done");
  });

  test("and is not to be resumed while it goes on", () => {
    const lastOf = (isDriven: boolean, detail: string): string | undefined =>
      renderSummary(input({ state: "running", detail }, { forecast: { percent: 1, remainingMs: null, endsAt: null, isDriven } }), look).at(
        -1,
      );
    expect(lastOf(true, "running.executing")).toContain("troupe watch run_");
    expect(lastOf(false, "running.executing")).toContain("troupe resume run_");
    expect(lastOf(true, "running.paused")).toContain("troupe resume run_");
  });
});

describe("narrow and plain terminals", () => {
  const steps = [
    step("deploy", {
      state: "skipped",
      attempts: 0,
      skippedBecause: "its condition is false: input.deploy == true AND input.target == 'production'",
    }),
  ];

  test("a reason that does not fit stands whole below its step", () => {
    const lines = renderSummary(input({ steps }), createLook({ columns: 50, hasColour: false }));
    expect(lines.slice(1)).toEqual([
      "└─ ↷ deploy  skipped",
      "      skipped: its condition is false:",
      "      input.deploy == true AND input.target ==",
      "      'production'",
    ]);
  });

  test("a single word stays beside its step, however narrow the terminal", () => {
    const lines = renderSummary(
      input({ state: "canceled", steps: [step("a_step_with_a_long_name", { state: "canceled" })] }),
      createLook({ columns: 30, hasColour: false }),
    );
    expect(lines.slice(1, 3)).toEqual(["└─ ⊘ a_step_with_a_long_name", ""]);
  });

  test("signs can be ASCII, and no line is wider than the terminal", () => {
    const lines = renderSummary(input({ steps }), createLook({ columns: 40, hasColour: false, isAscii: true }));
    expect(lines[1]).toBe("`- - deploy  skipped");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  });

  test("names with control bytes are shown without them", () => {
    const [line] = renderSummary(input({ workflow: "a\u001b]0;title\u0007b" }), look);
    expect(line).not.toMatch(/\p{Cc}/u);
  });

  test("colours are put around texts only when asked for", () => {
    const [line] = renderSummary(input({}), createLook({ columns: 80, hasColour: true }));
    expect(line).toContain("\u001b[32m✔\u001b[39m");
  });
});

test("a long output is cut, with the command that shows all of it", () => {
  const long = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`key_${index}`, "x".repeat(20)]));
  const lines = renderSummary(input({ output: long }), look);
  expect(lines.at(-1)).toBe("  … 22 more lines: troupe show run_01a1fe69b0f47ba1 -o json");
});
