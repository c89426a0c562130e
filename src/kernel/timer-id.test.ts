import fc from "fast-check";
import { expect, test } from "vitest";
import { runMachine } from "../../actors/run/run.machine.ts";
import { stepMachine } from "../../actors/step/step.machine.ts";
import { parseTimerId, TIMER_EVENTS, timerId } from "./timer-id.ts";

test("a timer's id names whom it wakes and for which attempt, and is read back", () => {
  const anyName = fc.record({
    actor: fc.stringMatching(/^[A-Za-z_]\w{0,9}$/),
    kind: fc.constantFrom("backoff", "timeout", "limit"),
    attempt: fc.nat(),
  } as const);
  fc.assert(fc.property(anyName, (name) => void expect(parseTimerId(timerId(name))).toEqual(name)));
});

test.each(["", "a", "a/backoff", "a/backoff/x", "a/backoff/1/2", "a/other/1", "a/backoff/-1", "a/backoff/1.5"])(
  "%j is no timer",
  (text) => {
    expect(parseTimerId(text)).toBeNull();
  },
);

test("timers come back as events that the statecharts know", () => {
  const known = new Set<string>([...stepMachine.events, ...runMachine.events]);
  for (const event of Object.values(TIMER_EVENTS)) expect(known).toContain(event);
});
