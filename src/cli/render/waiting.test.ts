import { describe, expect, test } from "vitest";
import type { AttemptReport } from "../../main/attempt-history.ts";
import type { Explanation } from "../explain.ts";
import { toTransitions } from "../transitions.ts";
import { createLook } from "./look.ts";
import { timeText } from "./value.ts";
import { renderWaiting } from "./waiting.ts";

const NOW = 10_000;
const at = (ms: number): string => timeText(ms, NOW);

// Ids of actors are branded; here they are plain words.
const waiting = (actor: string, state: string, waitsFor: Explanation["waitsFor"], parts: Partial<Explanation> = {}): Explanation =>
  ({
    actor,
    state,
    waitsFor,
    enabled: [],
    condition: null,
    transitions: [],
    attempts: [],
    handback: null,
    queue: null,
    lastLines: [],
    commands: [],
    ...parts,
  }) as Explanation;

const attempt = (parts: Partial<AttemptReport>): AttemptReport => ({
  attempt: 1,
  startedAt: 0,
  endedAt: null,
  durationMs: null,
  outcome: null,
  failure: null,
  repeated: null,
  delayMs: null,
  because: null,
  ...parts,
});

function render(explanations: readonly Explanation[], isVerbose = false, columns = 80): string[] {
  const input = { explanations, title: "build run_01", now: NOW, details: new Map([["f", "boom\n"]]), isVerbose };
  return renderWaiting(input, createLook({ columns, hasColour: false }));
}

test("a tree tells what each actor waits for", () => {
  const lines = render([
    waiting("run", "running.executing", { kind: "steps", steps: [] }),
    waiting("a", "pending.blocked", { kind: "steps", steps: ["b", "c"] }),
    waiting("b", "retrying", { kind: "timer", dueAt: 12_500 }),
    waiting(
      "c",
      "running.executing",
      { kind: "attempt", attempt: 2, dueAt: 15_000 },
      { attempts: [attempt({ attempt: 2, startedAt: 6_000 })] },
    ),
    waiting("d", "pending.blocked", { kind: "lock", steps: ["c"] }),
    waiting("e", "pending.queued", { kind: "place" }),
    waiting("f", "quarantined", { kind: "person", reason: "Exit code 3." }),
    waiting("g", "pending.queued", { kind: "resume" }),
  ]);
  expect(lines).toEqual([
    "● build run_01  running.executing",
    "├─ · a  pending.blocked: waits for b, c",
    `├─ ↻ b  retrying: next attempt in 2.5 s (${at(12_500)})`,
    "├─ ● c  running.executing",
    `│    attempt 2 runs for 4.0 s, time-out in 5.0 s (${at(15_000)})`,
    "├─ · d  pending.blocked: waits until c lets go of what both use",
    "├─ ◦ e  pending.queued: waits for a place among the running attempts",
    "├─ ⚠ f  quarantined: waits for a person: Exit code 3.",
    "│    boom",
    "└─ ◦ g  pending.queued: waits to be resumed",
  ]);
});

describe("a place is waited for behind others", () => {
  const queue = { place: 2, running: 8, waiting: 3, runLimit: null, runHolders: [] };
  const lineOf = (parts: Partial<Explanation>): string => render([waiting("a", "pending.queued", { kind: "place" }, parts)]).join(" ");

  test("of all runs, or of the same run when its own limit is reached", () => {
    expect(lineOf({ queue })).toContain("waits for a place: 8 attempts running, number 2 of 3 in the queue");
    expect(lineOf({ queue: { ...queue, place: null } })).toContain("waits for a place: 8 attempts running, 3 steps waiting for one");
    expect(lineOf({ queue: { ...queue, runLimit: 2, runHolders: ["b", "c"] } })).toContain(
      "waits until b or c ends: the run may have 2 attempts at once",
    );
  });

  test("and a dispatch that was handed back says why", () => {
    expect(lineOf({ queue, handback: { at: 0, reason: "The breaker of process is open." } })).toMatch(
      /handed back:\s+The breaker of process is open\./,
    );
  });
});

test("a condition is shown with its parts and their values", () => {
  const condition = {
    text: "input.a > 1 and input.b",
    value: false,
    children: [
      { text: "input.a > 1", value: false, children: [{ text: "input.a", value: 1, children: [] }] },
      { text: "input.b", children: [] },
      { text: "input.c", error: "`input` has no `c`.", children: [] },
    ],
  };
  expect(render([waiting("a", "skipped", { kind: "nothing", reason: "it has skipped" }, { condition })])).toEqual([
    "↷ a  skipped",
    "  input.a > 1 and input.b  = false",
    "    input.a > 1  = false",
    "      input.a  = 1",
    "    input.b  = not evaluated",
    "    input.c  = `input` has no `c`.",
  ]);
});

describe("a failed step", () => {
  const failure = { class: "transient", code: "EXIT_CODE", title: "Exit code 75." } as const;
  const failed = waiting(
    "f",
    "failed",
    { kind: "nothing", reason: "Exit code 3." },
    {
      attempts: [
        attempt({
          outcome: "failed",
          durationMs: 200,
          failure,
          repeated: true,
          delayMs: 1_100,
          because: "`retry.on` has transient; retry 1 of 1",
        }),
        attempt({
          attempt: 2,
          outcome: "timed_out",
          durationMs: 900,
          failure: { class: "timeout", code: "TIMEOUT", title: "It ran longer than 1 s." },
          repeated: false,
          because: "no retry is left: 1 of 1 used",
        }),
      ],
      lastLines: ["connection refused", "\u001b[31mred\u001b[0m"],
      commands: [{ command: "troupe retry run_01", meaning: "run again what did not succeed" }],
    },
  );

  test("tells each attempt, why it was repeated or not, the end of its output, and what to do", () => {
    expect(render([failed])).toEqual([
      "✖ f  failed: Exit code 3.",
      "  attempt 1  Exit code 75 after 200 ms (EXIT_CODE, transient)",
      "             repeated after 1.1 s: `retry.on` has transient; retry 1 of 1",
      "  attempt 2  It ran longer than 1 s (TIMEOUT, timeout)",
      "             not repeated: no retry is left: 1 of 1 used",
      "  │ connection refused",
      "  │ red",
      "",
      "troupe retry run_01  run again what did not succeed",
    ]);
  });

  test.each([40, 60, 120])("fits a terminal of %d columns, except for commands, which stay whole", (columns) => {
    for (const line of render([failed], true, columns)) if (!line.startsWith("troupe")) expect(line.length).toBeLessThanOrEqual(columns);
  });
});

test("with -v, every event that the statechart would answer is listed with who brings it", () => {
  const enabled = ["step.cancel", "xstate.after.backoff.step-v1.retrying"];
  const transitions = toTransitions("a", "retrying", enabled);
  expect(render([waiting("a", "retrying", { kind: "timer", dueAt: 9_000 }, { transitions })], true)).toEqual([
    "↻ a  retrying: next attempt is due",
    "  answers step.cancel    from `troupe cancel`, or the run's time limit",
    "  answers timer backoff  from the timer of the retry",
  ]);
  expect(render([waiting("a", "succeeded", { kind: "nothing", reason: "it has succeeded" })], true)).toEqual([
    "✔ a  succeeded",
    "  answers nothing any more",
  ]);
});

test("quarantined steps are left by people only", () => {
  expect(toTransitions("a", "quarantined", ["step.skip", "step.fail"]).map(({ waitsFor }) => waitsFor)).toEqual([
    "a person: `troupe quarantine skip`",
    "a person: `troupe quarantine discard`",
  ]);
  expect(toTransitions("a", "running.waiting", ["step.fail"])[0]?.waitsFor).toBe("a condition that cannot be evaluated");
});
