import { describe, expect, test } from "vitest";
import { createLook } from "../render/look.ts";
import { widthOf } from "../render/text.ts";
import { timeText } from "../render/value.ts";
import { renderTop, type TopFrame } from "./top-frame.ts";
import { emptyPicture, type TopPicture, type TopRun, type TopStep } from "./top-picture.ts";

const NOW = 100_000;
const clock = timeText(NOW, NOW);

const step = (id: string, parts: Partial<TopStep> = {}): TopStep => ({
  id,
  state: "running.executing",
  attempt: 1,
  startedAt: NOW - 12_000,
  dueAt: null,
  usualMs: null,
  lastLine: null,
  ...parts,
});

const run = (digits: string, parts: Partial<TopRun> = {}): TopRun => ({
  id: `run_${digits.padEnd(32, "0")}`,
  workflow: "build",
  state: "running.executing",
  startedAt: NOW - 60_000,
  endedAt: null,
  done: 2,
  total: 6,
  percent: 50,
  remainingMs: 65_000,
  costUsd: 0,
  queued: 0,
  steps: [],
  ...parts,
});

const picture = (parts: Partial<TopPicture>): TopPicture => ({
  ...emptyPicture("/srv/app/.troupe", NOW),
  hasState: true,
  isDriven: true,
  ...parts,
});

const ALL: TopFrame = { rows: null, chosen: null, hint: null };
const render = (parts: Partial<TopPicture>, frame: Partial<TopFrame> = {}, columns = 80): string[] =>
  renderTop(picture(parts), { ...ALL, ...frame }, createLook({ columns, hasColour: false }));

const busy = run("aa", {
  costUsd: 0.5,
  queued: 2,
  steps: [
    step("compile", { attempt: 2, usualMs: 30_000, lastLine: "[3/20] cc\u001b[1m main.o" }),
    step("flaky", { state: "retrying", dueAt: NOW + 4_000 }),
    step("order", { state: "quarantined" }),
    step("deploy", { state: "running.stopping" }),
  ],
});

test("a picture has a head, a line a run, and below it what its steps do", () => {
  const runs = [busy, run("bb", { workflow: "nightly", state: "failed", endedAt: NOW - 30_000, percent: 100, remainingMs: null })];
  expect(
    render({
      runs,
      unfinished: 1,
      running: 2,
      queued: 2,
      quarantined: 1,
      costPerMinuteUsd: 0.25,
      breakers: [
        { tenant: "default", target: "process", state: "open", changedAt: NOW - 3_000 },
        { tenant: "default", target: "tool:codex", state: "half_open", changedAt: NOW - 1_000 },
      ],
    }),
  ).toEqual([
    `troupe top  ${"/srv/app/.troupe".padEnd(35)}  driven by an engine  ${clock}`,
    "1 unfinished run   2 running   2 waiting   1 quarantined   $0.25 a minute",
    "breakers open: process (3.0 s ago), tool:codex (half open, 1.0 s ago)",
    "",
    "  WORKFLOW  STATE        PROGRESS           LEFT      TIME  RUN",
    "● build     running      ███░░░  50 %   1 m 05 s  1 m 00 s  aa00000000000000",
    "    ● compile  attempt 2  12 s of 30 s  [3/20] cc main.o",
    "    ↻ flaky    again in 4.0 s",
    "    ⚠ order    waits for a person",
    "    ● deploy   12 s  stopping",
    "    ◦ 2 steps waiting for a place",
    "✖ nightly   failed       ██████ 100 %                 30 s  bb00000000000000",
  ]);
});

test("a wide terminal has room for counts and money", () => {
  const [, , , head, line] = render({ runs: [busy], unfinished: 1 }, {}, 120);
  expect(head).toContain("    STEPS     COST");
  expect(line).toContain("      2/6    $0.50");
});

describe("who drives it is said", () => {
  const factOf = (parts: Partial<TopPicture>): string => render(parts, {}, 100)[0] ?? "";

  test("because nothing moves without an engine", () => {
    expect(factOf({ unfinished: 1, runs: [busy] })).toContain("driven by an engine");
    expect(factOf({ unfinished: 1, runs: [busy], isDriven: false })).toContain("driven by nobody: troupe recover all");
    expect(factOf({ isDriven: false })).toContain("no engine");
  });
});

test("counts of steps say when there are more than are listed", () => {
  expect(render({ unfinished: 130, running: 8, queued: 50, runs: [busy] })[1]).toBe("130 unfinished runs   8+ running   50+ waiting");
});

describe("a state directory that is not there", () => {
  test("yet, or any more, is no error", () => {
    expect(renderTop(emptyPicture("/x/.troupe", NOW), ALL, createLook({ columns: 80, hasColour: false }))[2]).toBe(
      "There are no runs yet. They appear here when somebody starts one.",
    );
    expect(render({ problem: "The store cannot be used." }).at(-1)).toBe("The store cannot be used.");
    expect(render({}).at(-1)).toBe("Nothing runs.");
  });
});

describe("a terminal with few rows", () => {
  const runs = Array.from({ length: 30 }, (_, index) => run(String(index).padStart(2, "0"), { steps: [step(`s${index}`)] }));
  const chosen = runs[20]?.id ?? "";

  test.each([6, 12, 24, 50])("gets exactly %d lines, and keeps the hint", (rows) => {
    const lines = render({ runs, unfinished: 30 }, { rows, chosen, hint: "q quit" });
    expect(lines).toHaveLength(rows);
    expect(lines.at(-1)).toBe("q quit");
  });

  test("shows the chosen run and its steps only, and how many more there are", () => {
    const lines = render({ runs, unfinished: 130 }, { rows: 20, chosen, hint: "" }).join("\n");
    expect(lines).toContain("2000000000000000");
    expect(lines).toContain("● s20");
    expect(lines).not.toContain("● s19");
    expect(lines).toMatch(/and \d+ more runs/);
  });
});

test.each([20, 40, 80, 99, 100, 200])("no line is as wide as a terminal of %d columns, so that none wraps", (columns) => {
  const wide = run("cc", {
    workflow: "工作流程".repeat(9),
    steps: [step("a_step_with_a_very_long_name_indeed", { lastLine: "x".repeat(300) })],
  });
  for (const line of render(
    { runs: [wide, busy], unfinished: 2, directory: "/a".repeat(150) },
    { chosen: wide.id, hint: "hint ".repeat(50) },
    columns,
  ))
    expect(widthOf(line)).toBeLessThan(columns);
});

test("a step that is parked is shown and counts as waiting", () => {
  const ask = { id: "ask", state: "running.parked", attempt: 1, startedAt: null, dueAt: null, usualMs: null, lastLine: null };
  const lines = render({ runs: [run("aa", { state: "running.waiting", steps: [ask] })], unfinished: 1 });
  expect(lines[1]).toBe("1 unfinished run   0 running   1 waiting");
  expect(lines).toContain("    ● ask  waits for an answer, an event or a time");
});
