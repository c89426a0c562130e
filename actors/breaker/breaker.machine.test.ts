import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { getShortestPaths } from "xstate/graph";
import { ask, dotted, leafStates, shown, snapshotIn } from "../../test/support/statechart.ts";
import type { BreakerEvent } from "./breaker.events.ts";
import { type BreakerContext, breakerMachine } from "./breaker.machine.ts";

const at = 5_000;
const failed = { type: "call.failed", at, failures: 5, calls: 8, limit: 5, delayMs: 60_000, dueAt: at + 60_000 } as const;

const EVENTS = {
  "call.failed": failed,
  "call.answered": { type: "call.answered", at, dueAt: null },
  "breaker.reset": { type: "breaker.reset", at, by: "ada", dueAt: null },
  "xstate.after.recovery.breaker-v1.open": { type: "xstate.after.recovery.breaker-v1.open", at, dueAt: null },
} as const satisfies { readonly [TType in BreakerEvent["type"]]: Extract<BreakerEvent, { type: TType }> };

const TABLE: Readonly<Record<string, Readonly<Partial<Record<BreakerEvent["type"], string>>>>> = {
  closed: { "call.failed": "open [+timer]" },
  half_open: { "call.failed": "open [+timer]", "call.answered": "closed", "breaker.reset": "closed" },
  open: { "breaker.reset": "closed [-timer]", "xstate.after.recovery.breaker-v1.open": "half_open [-timer]" },
};

const stateNames = Object.keys(TABLE);
const eventNames = Object.keys(EVENTS) as BreakerEvent["type"][]; // The keys of a record over exactly these.
const from = (state: string, event: BreakerEvent, context: object = {}) =>
  ask(breakerMachine, snapshotIn(breakerMachine, state, context), event);

describe("the statechart of a breaker", () => {
  test("has the states of the table and no others", () => {
    expect(leafStates(breakerMachine)).toEqual(stateNames.toSorted());
  });

  test.each(stateNames.flatMap((state) => eventNames.map((type) => [state, type, TABLE[state]?.[type] ?? "·"] as const)))(
    "in %s, %s leads to %s",
    (state, type, expected) => {
      expect(shown(from(state, EVENTS[type]))).toBe(expected);
    },
  );

  test("stays closed below its limit, and while most calls succeed (B-A)", () => {
    expect(from("closed", { ...failed, failures: 4, calls: 4 })).toBeNull();
    expect(from("closed", { ...failed, failures: 5, calls: 11 })).toBeNull();
    expect(from("closed", { ...failed, failures: 5, calls: 10 })?.to).toBe("open");
  });

  test("needs no second proof when its probe fails", () => {
    expect(from("half_open", { ...failed, failures: 1, calls: 1 }, { openings: 1 })).toMatchObject({
      to: "open",
      context: { openings: 2 },
    });
  });

  test("remembers what opened it until it closes, and who closed it", () => {
    const opened = from("closed", failed)?.context;
    expect(opened).toMatchObject({ failures: 5, calls: 8, openings: 1, openedAt: at, delayMs: 60_000, dueAt: at + 60_000 });
    expect(from("open", EVENTS["xstate.after.recovery.breaker-v1.open"], opened)?.context).toMatchObject({ openings: 1, dueAt: null });
    expect(from("half_open", EVENTS["call.answered"], opened)?.context).toMatchObject({ openings: 0, openedAt: null, closedBy: null });
    expect(from("open", EVENTS["breaker.reset"], opened)?.context).toMatchObject({ openings: 0, dueAt: null, closedBy: "ada" });
  });

  test("reaches every state from the beginning", () => {
    const paths = getShortestPaths(breakerMachine, {
      events: Object.values(EVENTS),
      serializeState: ({ value }) => dotted(value),
      limit: 1_000,
    });
    expect(paths.map(({ state }) => dotted(state.value)).toSorted()).toEqual(stateNames.toSorted());
  });

  test("closes by an answer or a person and by nothing else, whatever comes (B-A)", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.values(EVENTS)), { maxLength: 30 }), (events) => {
        let state = "closed";
        let context: BreakerContext = breakerMachine.config.context as BreakerContext; // Ours is a plain object.
        for (const event of events) {
          const answer = from(state, event, context);
          if (answer === null) continue;
          if (answer.to === "closed") expect(["call.answered", "breaker.reset"]).toContain(event.type);
          if (answer.to === "open") expect(event.type).toBe("call.failed");
          state = answer.to;
          context = answer.context as unknown as BreakerContext; // The machine's own context.
          expect(context.dueAt !== null).toBe(state === "open");
          expect(context.openings > 0).toBe(state !== "closed");
        }
      }),
    );
  });
});
