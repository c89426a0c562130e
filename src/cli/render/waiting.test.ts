import { expect, test } from "vitest";
import { createLook } from "./look.ts";
import { renderWaiting, type Waiting } from "./waiting.ts";

const look = createLook({ columns: 80, hasColour: false });

// Ids of actors are branded; here they are plain words.
const waiting = (actor: string, state: string, waitsFor: Waiting["waitsFor"], condition: Waiting["condition"] = null): Waiting =>
  ({ actor, state, waitsFor, enabled: ["step.cancel", "xstate.after.backoff.step-v1.retrying"], condition }) as Waiting;

function render(list: readonly Waiting[], isVerbose = false): string[] {
  return renderWaiting({ waiting: list, title: "build run_01", now: 10_000, details: new Map([["f", "boom\n"]]), isVerbose }, look);
}

test("a tree tells what each actor waits for", () => {
  const lines = render([
    waiting("run", "running.executing", { kind: "steps", steps: [] }),
    waiting("a", "pending.blocked", { kind: "steps", steps: ["b", "c"] }),
    waiting("b", "retrying", { kind: "timer", dueAt: 12_500 }),
    waiting("c", "running.executing", { kind: "attempt", attempt: 2, dueAt: 15_000 }),
    waiting("d", "pending.blocked", { kind: "lock", steps: ["c"] }),
    waiting("e", "pending.queued", { kind: "place" }),
    waiting("f", "quarantined", { kind: "person", reason: "Exit code 3." }),
    waiting("g", "pending.queued", { kind: "resume" }),
  ]);
  expect(lines).toEqual([
    "● build run_01  running.executing",
    "├─ · a  pending.blocked: waits for b, c",
    "├─ ↻ b  retrying: next attempt in 2.5 s",
    "├─ ● c  running.executing: attempt 2 runs, time-out in 5.0 s",
    "├─ · d  pending.blocked: waits until c lets go of what both use",
    "├─ ◦ e  pending.queued: waits for a place among the running attempts",
    "├─ ⚠ f  quarantined: waits for a person: Exit code 3.",
    "│    boom",
    "└─ ◦ g  pending.queued: waits to be resumed",
  ]);
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
  expect(render([waiting("a", "skipped", { kind: "nothing", reason: "it has skipped" }, condition)], true)).toEqual([
    "↷ a  skipped",
    "  input.a > 1 and input.b  = false",
    "    input.a > 1  = false",
    "      input.a  = 1",
    "    input.b  = not evaluated",
    "    input.c  = `input` has no `c`.",
    "  answers step.cancel, timer backoff",
  ]);
});
