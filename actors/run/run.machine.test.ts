import { describe, expect, test } from "vitest";
import { createActor } from "xstate";
import { getShortestPaths } from "xstate/graph";
import { ask, dotted, leafStates, shown, snapshotIn } from "../../test/support/statechart.ts";
import type { RunEvent } from "./run.events.ts";
import { runMachine } from "./run.machine.ts";

const at = 5_000;
const error = { step: "build", failure: { class: "permanent", code: "EXIT_CODE", title: "It failed" } } as const;

const EVENTS = {
  "run.start": { type: "run.start", at },
  "run.rest": { type: "run.rest", at },
  "run.wake": { type: "run.wake", at },
  "run.pause": { type: "run.pause", at, by: "ada" },
  "run.resume": { type: "run.resume", at, by: "ada" },
  "run.cancel": { type: "run.cancel", at, by: "ada", reason: null, dueAt: null },
  "run.finish": { type: "run.finish", at },
  "run.succeed": { type: "run.succeed", at, output: { errors: 0 } },
  "run.fail": { type: "run.fail", at, error },
  "run.stopped": { type: "run.stopped", at },
  "run.compensate": { type: "run.compensate", at, error, dueAt: null },
  "run.conclude": { type: "run.conclude", at, output: 7, dueAt: null },
  "run.quarantine": { type: "run.quarantine", at, reason: "look" },
  "run.release": { type: "run.release", at, by: "ada" },
  "run.progress": { type: "run.progress", at, progress: { percent: 50 } },
  "xstate.after.limit.run-v1.running": { type: "xstate.after.limit.run-v1.running", at, dueAt: null },
} as const satisfies { readonly [TType in RunEvent["type"]]: Extract<RunEvent, { type: TType }> };

type Row = Readonly<Partial<Record<RunEvent["type"], string>>>;

/** What every substate of `running` answers alike. */
const running: Row = {
  "run.cancel": "running.canceling [stopSteps]",
  "run.fail": "failed [-timer complete]",
  "run.quarantine": "quarantined [-timer complete]",
  "xstate.after.limit.run-v1.running": "running.canceling [stopSteps]",
};
const closing: Row = {
  "run.compensate": "running.compensating",
  "run.conclude": "running.concluding",
};
const unfinished: Row = {
  ...running,
  ...closing,
  "run.finish": "running.finishing [makeOutput]",
  "run.succeed": "succeeded [-timer complete]",
};

/** Every pair that is answered; every other pair is not. */
const TABLE: Readonly<Record<string, Row>> = {
  pending: { "run.start": "running.executing [+timer]", "run.cancel": "canceled [complete]" },
  "running.executing": { ...unfinished, "run.rest": "running.waiting", "run.pause": "running.paused", "run.progress": "running.executing" },
  "running.waiting": { ...unfinished, "run.wake": "running.executing", "run.pause": "running.paused", "run.progress": "running.waiting" },
  "running.paused": { ...unfinished, "run.resume": "running.executing", "run.progress": "running.paused" },
  "running.canceling": { ...running, ...closing, "run.stopped": "canceled [-timer complete]", "run.progress": "running.canceling" },
  "running.finishing": {
    ...running,
    ...closing,
    "run.succeed": "succeeded [-timer complete]",
    "run.cancel": "canceled [-timer complete]",
    "run.progress": "running.finishing",
  },
  "running.compensating": {
    ...running,
    "run.cancel": "running.compensating",
    "run.conclude": "running.concluding",
    "run.stopped": "canceled [-timer complete]",
    "run.progress": "running.compensating",
  },
  "running.concluding": {
    ...running,
    "run.cancel": "running.concluding",
    "run.succeed": "succeeded [-timer complete]",
    "run.stopped": "canceled [-timer complete]",
    "run.progress": "running.concluding",
  },
  quarantined: {
    "run.release": "running.executing [+timer]",
    "run.cancel": "running.canceling [stopSteps +timer]",
    "run.fail": "failed [complete]",
  },
  succeeded: {},
  failed: {},
  canceled: {},
};

const stateNames = Object.keys(TABLE);
const eventNames = Object.keys(EVENTS) as RunEvent["type"][];
const openStates = stateNames.filter((state) => Object.keys(TABLE[state] ?? {}).length > 0);
const from = (state: string, event: RunEvent, context: object = {}) => ask(runMachine, snapshotIn(runMachine, state, context), event);

describe("the statechart of a run", () => {
  test("has the states of the table and no others", () => {
    expect(leafStates(runMachine)).toEqual(stateNames.toSorted());
  });

  test.each(stateNames.flatMap((state) => eventNames.map((type) => [state, type, TABLE[state]?.[type] ?? "·"] as const)))(
    "in %s, %s leads to %s",
    (state, type, expected) => {
      expect(shown(from(state, EVENTS[type]))).toBe(expected);
    },
  );

  test("answers a cancel in every state that can still change (R-A)", () => {
    expect(openStates.filter((state) => from(state, EVENTS["run.cancel"]) === null)).toEqual([]);
  });

  test("is left by a person's event only, once quarantined (R-B)", () => {
    const left = eventNames.filter((type) => from("quarantined", EVENTS[type]) !== null);
    // `run.fail` is kept for a person who gives the whole run up.
    expect(left.toSorted()).toEqual(["run.cancel", "run.fail", "run.release"]);
  });

  test("fails when its time limit stopped it, and is canceled when a person did", () => {
    expect(from("running.canceling", { ...EVENTS["run.stopped"], error }, { stopping: "timeout" })).toMatchObject({
      to: "failed",
      context: { error },
    });
    expect(from("running.canceling", EVENTS["run.stopped"], { stopping: "cancel" })?.to).toBe("canceled");
  });

  test("goes on stopping after a release when it was being stopped (R-C)", () => {
    expect(shown(from("quarantined", EVENTS["run.release"], { stopping: "cancel" }))).toBe("running.canceling [+timer]");
    expect(shown(from("quarantined", EVENTS["run.release"], { stopping: "timeout" }))).toBe("running.canceling [+timer]");
  });
});

describe("what follows the main steps of a run", () => {
  test("knows how the run will end, and that its time limit is over (R-D)", () => {
    expect(from("running.executing", EVENTS["run.compensate"], { dueAt: 9_000 })?.context).toMatchObject({
      error,
      dueAt: null,
      phase: "compensating",
    });
    expect(from("running.compensating", EVENTS["run.conclude"], { error })?.context).toMatchObject({
      error,
      output: 7,
      phase: "concluding",
    });
    const canceled: RunEvent = { ...EVENTS["run.conclude"], canceledBy: "ada" };
    expect(from("running.finishing", canceled)?.context).toMatchObject({ stopping: "cancel", canceledBy: "ada" });
  });

  test("goes on where it was after a person has released the run", () => {
    for (const phase of ["compensating", "concluding"] as const) {
      expect(from("quarantined", EVENTS["run.release"], { phase, stopping: "cancel" })?.to).toBe(`running.${phase}`);
      expect(from("quarantined", EVENTS["run.cancel"], { phase })?.to).toBe(`running.${phase}`);
    }
  });
});

describe("what a run remembers", () => {
  test("a start notes its limit", () => {
    const start: RunEvent = { type: "run.start", at, delayMs: 60_000, dueAt: at + 60_000, timer: "run/limit/0" };
    expect(from("pending", start)?.context).toMatchObject({ startedAt: at, delayMs: 60_000, dueAt: at + 60_000 });
    expect(from("pending", EVENTS["run.start"])?.context).toMatchObject({ startedAt: at, delayMs: null, dueAt: null });
  });

  test("a cancel notes who asked and ends the time limit (R-C)", () => {
    expect(from("running.executing", EVENTS["run.cancel"], { dueAt: 9_000 })?.context).toMatchObject({
      stopping: "cancel",
      canceledBy: "ada",
      dueAt: null,
    });
  });

  test("its end, output, failure and reason are noted", () => {
    expect(from("running.finishing", EVENTS["run.succeed"])?.context).toMatchObject({ output: { errors: 0 }, endedAt: at, dueAt: null });
    expect(from("running.executing", EVENTS["run.fail"])?.context).toMatchObject({ error, endedAt: at });
    expect(from("running.executing", EVENTS["run.quarantine"])?.context).toMatchObject({ reason: "look", endedAt: null });
    expect(from("quarantined", EVENTS["run.release"], { reason: "look" })?.context).toMatchObject({ reason: null });
    expect(from("running.executing", EVENTS["run.progress"])?.context).toMatchObject({ progress: { percent: 50 } });
  });
});

describe("reaching", () => {
  test("every state is reached from the beginning", () => {
    const paths = getShortestPaths(runMachine, {
      events: [...Object.values(EVENTS), { ...EVENTS["run.stopped"], error }],
      serializeState: (snapshot) => `${dotted(snapshot.value)} ${snapshot.context.stopping}`,
    });
    expect([...new Set(paths.map(({ state }) => dotted(state.value)))].toSorted()).toEqual(stateNames.toSorted());
  });

  test("from every state that can still change a final state can be reached", () => {
    for (const state of openStates) {
      const paths = getShortestPaths(runMachine, {
        fromState: snapshotIn(runMachine, state) as ReturnType<typeof runMachine.getInitialSnapshot>, // Made by this machine.
        events: Object.values(EVENTS),
        serializeState: (snapshot) => `${dotted(snapshot.value)} ${snapshot.context.stopping}`,
        toState: (snapshot) => snapshot.status === "done",
      });
      expect(paths.length, state).toBeGreaterThan(0);
    }
  });
});

test("an effect that is run instead of collected is an error", () => {
  const errors: unknown[] = [];
  const actor = createActor(runMachine);
  actor.subscribe({ error: (thrown) => errors.push(thrown) });
  actor.start();
  actor.send(EVENTS["run.cancel"]);
  expect(errors).toMatchObject([{ code: "INV_EFFECT_EXECUTED" }]);
});

test.each(["makeOutput", "stopSteps", "complete"] as const)("%s throws when it is executed", (name) => {
  const action = runMachine.implementations.actions[name];
  // Our effect actions take no arguments; XState's type wants the ones it would pass.
  expect(() => (action as unknown as () => void)()).toThrow(name);
});
