import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AnyMachineSnapshot, type AnyStateMachine, type EventObject, initialTransition, transition } from "xstate";
import { runMachine } from "../../actors/run/run.machine.ts";
import { stepMachine } from "../../actors/step/step.machine.ts";
import { leafStates } from "../../test/support/statechart.ts";
import { dottedState, type Reducer, runReducer, stepReducer } from "./machine.ts";
import { STEP_STATES } from "./snapshot.ts";

const failure = { class: "permanent", code: "X", title: "x" };
const verdict = fc.record({
  retryable: fc.boolean(),
  maxRetries: fc.nat({ max: 3 }),
  unrepeatable: fc.boolean(),
  onExhausted: fc.constantFrom("fail", "quarantine"),
  onTimeout: fc.constantFrom("fail", "fallback", "skip"),
});

/** Any event of the machine with a payload that fits every event. */
function anyEvent(machine: AnyStateMachine): fc.Arbitrary<EventObject> {
  return fc.record({
    type: fc.constantFrom(...machine.events),
    at: fc.nat(),
    attempt: fc.nat({ max: 3 }),
    delayMs: fc.option(fc.nat(), { nil: undefined }),
    dueAt: fc.constant(5),
    by: fc.constant("ada"),
    reason: fc.constant("why"),
    failure: fc.constant(failure),
    error: fc.constant({ step: null, failure }),
    outcome: fc.constant({ kind: "failed", failure, output: 1 }),
    output: fc.constant({ n: 1 }),
    verdict,
    answer: fc.constantFrom({ kind: "succeeded", output: 1 }, { kind: "failed", failure }, { kind: "again" }),
    caught: fc.constantFrom(undefined, { rule: 0, kind: "skip", output: null }, { rule: 1, kind: "fallback", output: 2 }),
    until: fc.constant({ parking: { kind: "timer" }, dueAt: null, onDue: { kind: "again" } }),
    repeatable: fc.boolean(),
    quarantine: fc.boolean(),
    progress: fc.constant({ percent: 5 }),
  });
}

const view = (snapshot: Pick<AnyMachineSnapshot, "value" | "context" | "status">): unknown => ({
  value: snapshot.value,
  context: snapshot.context,
  status: snapshot.status,
});

describe.each([
  ["step", stepMachine as AnyStateMachine, stepReducer as unknown as Reducer<AnyMachineSnapshot, EventObject>],
  ["run", runMachine as AnyStateMachine, runReducer as unknown as Reducer<AnyMachineSnapshot, EventObject>],
])("the reducer of a %s", (_, machine, reducer) => {
  test("begins as XState does", () => {
    expect(view(reducer.initial)).toEqual(view(initialTransition(machine)[0]));
  });

  test("says of any events what XState's own transition() says, snapshots and actions", () => {
    fc.assert(
      fc.property(fc.array(anyEvent(machine), { minLength: 1, maxLength: 20 }), (events) => {
        let ours = reducer.initial;
        let theirs = initialTransition(machine)[0];
        for (const event of events) {
          const moved = reducer.send(ours, event);
          const [next, actions] = transition(machine, theirs, event);
          expect(view(moved.snapshot)).toEqual(view(next));
          expect(moved.actions.map(({ type }) => type)).toEqual(actions.map(({ type }) => type));
          expect(actions.every(({ type, params }) => type.startsWith("xstate.") || params === undefined)).toBe(true);
          expect(moved.snapshot === ours).toBe(next === theirs);
          ours = moved.snapshot;
          theirs = next;
        }
      }),
      { numRuns: 500 },
    );
  });

  test("gives the snapshot back as it was when no state handles the event", () => {
    expect(reducer.send(reducer.initial, { type: "nobody.knows" })).toEqual({ snapshot: reducer.initial, actions: [] });
    expect(reducer.send(reducer.initial, { type: "nobody.knows" }).snapshot).toBe(reducer.initial);
  });
});

test("the kernel's list of step states is that of the statechart", () => {
  expect([...STEP_STATES].toSorted()).toEqual(leafStates(stepMachine));
});

test("a state is named by its path", () => {
  expect([dottedState("retrying"), dottedState({ running: "executing" }), dottedState({})]).toEqual(["retrying", "running.executing", ""]);
});
