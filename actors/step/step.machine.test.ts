import { describe, expect, test } from "vitest";
import { createActor } from "xstate";
import { getShortestPaths } from "xstate/graph";
import type { Answered } from "../../src/plan/parking.ts";
import { ask, dotted, leafStates, shown, snapshotIn } from "../../test/support/statechart.ts";
import type { Caught, StepEvent, Verdict } from "./step.events.ts";
import { POISON_CRASHES, stepMachine } from "./step.machine.ts";

const at = 5_000;
const failure = { class: "permanent", code: "EXIT_CODE", title: "It failed" } as const;
const verdict: Verdict = { retryable: false, maxRetries: 0, unrepeatable: false, onExhausted: "fail", onTimeout: "fail" };
const timer = { delayMs: 10, dueAt: at + 10, timer: "build/backoff/1" };

type Of<TType extends StepEvent["type"]> = Extract<StepEvent, { type: TType }>;
const failed = (parts: Partial<Verdict> = {}): Of<"attempt.failed"> => {
  return { type: "attempt.failed", at, attempt: 1, outcome: { kind: "failed", failure }, verdict: { ...verdict, ...parts } };
};
const timedOut = (parts: Partial<Verdict> = {}): Of<"attempt.timed_out"> => {
  return {
    type: "attempt.timed_out",
    at,
    attempt: 1,
    outcome: { kind: "timed_out", failure, output: "spare" },
    verdict: { ...verdict, ...parts },
  };
};
const lost = (repeatable = false, unrepeatable = false): Of<"attempt.lost"> => {
  return { type: "attempt.lost", at, attempt: 1, outcome: { kind: "lost", failure }, repeatable, verdict: { unrepeatable } };
};
const orphaned = (quarantine = false): Of<"attempt.orphaned"> => ({ type: "attempt.orphaned", at, attempt: 1, epoch: 2, quarantine });

const answered = (answer: Answered, caught?: Caught): Of<"step.answer"> => {
  return { type: "step.answer", at, attempt: 1, answer, by: "ada", digest: null, ...(caught !== undefined && { caught }) };
};
const skips: Caught = { rule: 0, kind: "skip", output: null };
const gives: Caught = { rule: 1, kind: "fallback", output: 9 };

/** One of each event, with every guard saying no. */
const EVENTS = {
  "step.ready": { type: "step.ready", at },
  "step.skip": { type: "step.skip", at, reason: { kind: "when", text: "false" } },
  "step.carry": { type: "step.carry", at, attempt: 2, from: "run_1" },
  "step.admit": { type: "step.admit", at, attempt: 0 },
  "attempt.start": { type: "attempt.start", at, attempt: 1 },
  "attempt.succeeded": { type: "attempt.succeeded", at, attempt: 1, outcome: { kind: "succeeded", output: 1 } },
  "attempt.failed": failed(),
  "attempt.timed_out": timedOut(),
  "attempt.stopped": { type: "attempt.stopped", at, attempt: 1, outcome: { kind: "stopped" } },
  "attempt.lost": lost(),
  "attempt.parked": {
    type: "attempt.parked",
    at,
    attempt: 1,
    until: { parking: { kind: "timer" }, dueAt: null, onDue: { kind: "again" } },
  },
  "attempt.fanned": { type: "attempt.fanned", at, attempt: 1, keys: ["0"], items: [7] },
  "step.answer": answered({ kind: "failed", failure }),
  "step.joined": { type: "step.joined", at, failed: 1, failure },
  "xstate.after.parking.step-v1.running.parked": {
    type: "xstate.after.parking.step-v1.running.parked",
    at,
    answer: { kind: "failed", failure },
  },
  "attempt.requeued": { type: "attempt.requeued", at, attempt: 1, reason: "revoked" },
  "attempt.orphaned": orphaned(),
  "attempt.progress": { type: "attempt.progress", at, attempt: 1, progress: { lines: 3 } },
  "step.cancel": { type: "step.cancel", at },
  "step.fail": { type: "step.fail", at, failure },
  "step.release": { type: "step.release", at, by: "ada" },
  "step.override": { type: "step.override", at, by: "ada", output: 7 },
  "xstate.after.backoff.step-v1.retrying": { type: "xstate.after.backoff.step-v1.retrying", at },
  "xstate.after.timeout.step-v1.running.executing": { type: "xstate.after.timeout.step-v1.running.executing", at },
} as const satisfies { readonly [TType in StepEvent["type"]]: Of<TType> };

/** Every pair that is answered; every other pair is not. */
const TABLE: Readonly<Record<string, Readonly<Partial<Record<StepEvent["type"], string>>>>> = {
  "pending.blocked": {
    "step.ready": "pending.queued [requestPermit]",
    "step.skip": "skipped [releasePermit]",
    "step.carry": "running.waiting",
    "step.admit": "running.waiting",
    "step.cancel": "canceled [releasePermit]",
  },
  "pending.queued": {
    "attempt.start": "running.executing [startAttempt +timer]",
    "step.skip": "skipped [releasePermit]",
    "step.cancel": "canceled [releasePermit]",
  },
  "running.executing": {
    "attempt.succeeded": "succeeded [-timer releasePermit]",
    "attempt.failed": "failed [-timer releasePermit]",
    "attempt.timed_out": "failed [-timer releasePermit]",
    "attempt.lost": "failed [-timer releasePermit]",
    "attempt.parked": "running.parked [-timer releasePermit park +timer]",
    "attempt.fanned": "running.fanned [-timer releasePermit]",
    "attempt.requeued": "running.waiting [-timer releasePermit requestPermit]",
    "attempt.orphaned": "running.executing",
    "attempt.progress": "running.executing",
    "step.cancel": "running.stopping [-timer stopAttempt]",
    "xstate.after.timeout.step-v1.running.executing": "running.stopping [-timer stopAttempt]",
  },
  "running.waiting": {
    "attempt.start": "running.executing [startAttempt +timer]",
    "attempt.succeeded": "succeeded [releasePermit]",
    "attempt.failed": "failed [releasePermit]",
    "attempt.timed_out": "failed [releasePermit]",
    "step.fail": "failed [releasePermit]",
    "step.cancel": "canceled [releasePermit]",
  },
  "running.parked": {
    "attempt.succeeded": "succeeded [unpark -timer releasePermit]",
    "attempt.failed": "failed [unpark -timer releasePermit]",
    "attempt.timed_out": "failed [unpark -timer releasePermit]",
    "step.answer": "failed [unpark -timer releasePermit]",
    "xstate.after.parking.step-v1.running.parked": "failed [unpark -timer releasePermit]",
    "step.cancel": "canceled [unpark -timer releasePermit]",
  },
  "running.fanned": {
    "attempt.succeeded": "succeeded [releasePermit]",
    "attempt.failed": "failed [releasePermit]",
    "attempt.timed_out": "failed [releasePermit]",
    "step.joined": "failed [releasePermit]",
    "step.cancel": "canceled [releasePermit]",
  },
  "running.stopping": {
    "attempt.succeeded": "succeeded [releasePermit]",
    "attempt.failed": "failed [releasePermit]",
    "attempt.timed_out": "failed [releasePermit]",
    "attempt.stopped": "canceled [releasePermit]",
    "attempt.lost": "failed [releasePermit]",
    "attempt.parked": "running.parked [releasePermit park +timer]",
    "attempt.fanned": "running.fanned [releasePermit]",
    "attempt.requeued": "running.waiting [releasePermit requestPermit]",
    "attempt.orphaned": "running.stopping",
    "step.cancel": "running.stopping",
  },
  retrying: {
    "xstate.after.backoff.step-v1.retrying": "running.waiting [-timer requestPermit]",
    "step.cancel": "canceled [-timer]",
  },
  quarantined: {
    "step.release": "pending.blocked [stopAttempt]",
    "step.skip": "skipped [stopAttempt]",
    "step.override": "succeeded [stopAttempt]",
    "step.fail": "failed [stopAttempt]",
    "step.cancel": "canceled [stopAttempt]",
    "attempt.succeeded": "quarantined",
    "attempt.failed": "quarantined",
    "attempt.timed_out": "quarantined",
    "attempt.stopped": "quarantined",
    "attempt.lost": "quarantined",
  },
  succeeded: {},
  failed: {},
  skipped: {},
  canceled: {},
};

const stateNames = Object.keys(TABLE);
const eventNames = Object.keys(EVENTS) as StepEvent["type"][];
const from = (state: string, event: StepEvent, context: object = {}) =>
  ask(stepMachine, snapshotIn(stepMachine, state, { attempt: 1, ...context }), event);

describe("the statechart of a step", () => {
  test("has the states of the table and no others", () => {
    expect(leafStates(stepMachine)).toEqual(stateNames.toSorted());
  });

  test.each(stateNames.flatMap((state) => eventNames.map((type) => [state, type, TABLE[state]?.[type] ?? "·"] as const)))(
    "in %s, %s leads to %s",
    (state, type, expected) => {
      expect(shown(from(state, EVENTS[type]))).toBe(expected);
    },
  );

  test.each([
    [
      "retries while the policy covers it",
      "running.executing",
      failed({ retryable: true, maxRetries: 1 }),
      "retrying [-timer releasePermit +timer]",
    ],
    ["fails when no retry is left", "running.executing", failed({ retryable: true }), "failed [-timer releasePermit]"],
    [
      "asks a person when the author wants that after the last retry",
      "running.executing",
      failed({ retryable: true, onExhausted: "quarantine" }),
      "quarantined [-timer releasePermit]",
    ],
    [
      "fails at once when the policy does not cover it, whatever follows the last retry",
      "running.executing",
      failed({ onExhausted: "quarantine" }),
      "failed [-timer releasePermit]",
    ],
    ["asks a person when nobody may repeat it", "running.executing", failed({ unrepeatable: true }), "quarantined [-timer releasePermit]"],
    [
      "retries a time-out that the policy covers",
      "running.executing",
      timedOut({ retryable: true, maxRetries: 1, onTimeout: "skip" }),
      "retrying [-timer releasePermit +timer]",
    ],
    ["takes the fallback after a time-out", "running.executing", timedOut({ onTimeout: "fallback" }), "succeeded [-timer releasePermit]"],
    ["skips after a time-out", "running.executing", timedOut({ onTimeout: "skip" }), "skipped [-timer releasePermit]"],
    [
      "asks a person after a time-out that used up its retries",
      "running.executing",
      timedOut({ retryable: true, onExhausted: "quarantine" }),
      "quarantined [-timer releasePermit]",
    ],
    [
      "asks a person after a time-out of what nobody may repeat",
      "running.executing",
      timedOut({ unrepeatable: true }),
      "quarantined [-timer releasePermit]",
    ],
    ["repeats what is lost and may be repeated", "running.executing", lost(true), "running.waiting [-timer releasePermit requestPermit]"],
    ["asks a person when what is lost may not be repeated", "running.executing", lost(false, true), "quarantined [-timer releasePermit]"],
    [
      "asks a person at once when its crash policy says so, and leaves the attempt alive",
      "running.executing",
      orphaned(true),
      "quarantined [-timer releasePermit]",
    ],
    [
      "retries what failed while its time limit stopped it",
      "running.stopping",
      failed({ retryable: true, maxRetries: 1 }),
      "retrying [releasePermit +timer]",
    ],
    [
      "asks a person after the last retry also while its time limit stops it",
      "running.stopping",
      failed({ retryable: true, onExhausted: "quarantine" }),
      "quarantined [releasePermit]",
    ],
    [
      "takes the fallback while its time limit stops it",
      "running.stopping",
      timedOut({ onTimeout: "fallback" }),
      "succeeded [releasePermit]",
    ],
    ["repeats what is lost while its time limit stops it", "running.stopping", lost(true), "running.waiting [releasePermit requestPermit]"],
    [
      "skips what the author's catch says so, once no retry is left",
      "running.executing",
      { ...failed({ retryable: true }), caught: skips },
      "skipped [-timer releasePermit]",
    ],
    [
      "takes the value that the author's catch gives, before a person is asked",
      "running.executing",
      { ...failed({ retryable: true, onExhausted: "quarantine" }), caught: gives },
      "succeeded [-timer releasePermit]",
    ],
    [
      "asks a person about what nobody may repeat, whatever the author's catch says",
      "running.executing",
      { ...failed({ unrepeatable: true }), caught: gives },
      "quarantined [-timer releasePermit]",
    ],
    ["catches a time-out", "running.executing", { ...timedOut(), caught: skips }, "skipped [-timer releasePermit]"],
    ["catches a loss", "running.executing", { ...lost(), caught: gives }, "succeeded [-timer releasePermit]"],
    [
      "succeeds by an answer",
      "running.parked",
      answered({ kind: "succeeded", output: { ok: true } }),
      "succeeded [unpark -timer releasePermit]",
    ],
    [
      "asks for a place again by an answer that says so",
      "running.parked",
      answered({ kind: "again" }),
      "running.waiting [unpark -timer requestPermit]",
    ],
    ["catches a refusal", "running.parked", answered({ kind: "failed", failure }, skips), "skipped [unpark -timer releasePermit]"],
    [
      "succeeds when all items may pass",
      "running.fanned",
      { type: "step.joined", at, failed: 0, failure: null },
      "succeeded [releasePermit]",
    ],
    ["catches failed items", "running.fanned", { type: "step.joined", at, failed: 1, failure, caught: gives }, "succeeded [releasePermit]"],
    [
      "asks a person when what is lost while stopping may not be repeated",
      "running.stopping",
      lost(false, true),
      "quarantined [releasePermit]",
    ],
  ] as const)("%s", (_, state, event, expected) => {
    expect(shown(from(state, event))).toBe(expected);
  });

  test.each([
    "attempt.succeeded",
    "attempt.failed",
    "attempt.timed_out",
    "attempt.stopped",
    "attempt.lost",
    "attempt.parked",
    "attempt.fanned",
    "attempt.requeued",
  ] as const)("ends canceled by %s once a cancel is stopping it, whatever the policy (I-25)", (type) => {
    const willing = { retryable: true, maxRetries: 9, unrepeatable: true, onExhausted: "quarantine", onTimeout: "fallback" } as const;
    const event = { ...EVENTS[type], verdict: willing, repeatable: true } as StepEvent; // More than the event needs: every guard says yes.
    const effects = type === "attempt.parked" ? "releasePermit unpark" : "releasePermit";
    expect(shown(from("running.stopping", event, { stopping: "cancel" }))).toBe(`canceled [${effects}]`);
  });

  test("a cancel during a time-out wins over the time-out", () => {
    expect(from("running.stopping", EVENTS["step.cancel"], { stopping: "timeout" })?.context.stopping).toBe("cancel");
  });

  test("counts engine deaths and is poisonous at the third (I-18)", () => {
    expect(from("running.executing", orphaned(), { crashes: POISON_CRASHES - 2 })).toMatchObject({
      to: "running.executing",
      context: { crashes: 2 },
    });
    expect(shown(from("running.executing", orphaned(), { crashes: POISON_CRASHES - 1 }))).toBe(
      "quarantined [-timer releasePermit stopAttempt]",
    );
  });

  test("is left by a person's event only, once quarantined (I-19)", () => {
    const leaving = eventNames.filter(
      (type) => from("quarantined", EVENTS[type])?.to !== "quarantined" && from("quarantined", EVENTS[type]) !== null,
    );
    expect(leaving.toSorted()).toEqual(["step.cancel", "step.fail", "step.override", "step.release", "step.skip"]);
  });

  test("answers a cancel in every state that can still change (ST-B)", () => {
    const open = stateNames.filter((state) => Object.keys(TABLE[state] ?? {}).length > 0);
    expect(open.filter((state) => from(state, EVENTS["step.cancel"]) === null)).toEqual([]);
    expect(open).toHaveLength(9);
  });
});

describe("what a step remembers", () => {
  test("a start notes its attempt, its limit and the first start only", () => {
    const start: StepEvent = { type: "attempt.start", at, attempt: 2, delayMs: 100, dueAt: at + 100, timer: "build/timeout/2" };
    expect(from("running.waiting", start, { startedAt: 1 })?.context).toMatchObject({
      attempt: 2,
      startedAt: 1,
      dueAt: at + 100,
      delayMs: 100,
    });
    expect(from("pending.queued", EVENTS["attempt.start"])?.context).toMatchObject({ attempt: 1, startedAt: at, dueAt: null });
  });

  test("a retry counts, keeps the failure and the time it is due, and forgets that it was being stopped", () => {
    const event = { ...failed({ retryable: true, maxRetries: 3 }), ...timer };
    expect(from("running.stopping", event, { stopping: "timeout", retries: 1 })?.context).toMatchObject({
      retries: 2,
      failure,
      dueAt: timer.dueAt,
      delayMs: 10,
      stopping: null,
    });
  });

  test("an attempt that never began gives its number back", () => {
    expect(from("running.executing", EVENTS["attempt.requeued"], { attempt: 4 })?.context.attempt).toBe(3);
  });

  test("a release forgets retries and crashes but not the number of attempts", () => {
    expect(from("quarantined", EVENTS["step.release"], { attempt: 3, retries: 2, crashes: 3, stopping: "timeout" })?.context).toMatchObject(
      {
        attempt: 3,
        retries: 0,
        crashes: 0,
        stopping: null,
        endedAt: null,
      },
    );
  });

  test("a result that comes to a person is kept for that person", () => {
    expect(from("quarantined", EVENTS["attempt.succeeded"])?.context.late).toEqual({ kind: "succeeded", output: 1 });
  });

  test("no final state has a live timer", () => {
    const finals = stateNames.filter((state) => Object.keys(TABLE[state] ?? {}).length === 0);
    for (const state of stateNames) {
      for (const type of eventNames) {
        const answer = from(state, EVENTS[type], { dueAt: 9_000 });
        if (answer !== null && finals.includes(answer.to)) expect(answer.context.dueAt, `${state} ${type}`).toBeNull();
      }
    }
  });

  test("its context is plain JSON in every state", () => {
    for (const state of stateNames) {
      for (const type of eventNames) {
        const context = from(state, EVENTS[type])?.context ?? {};
        expect(JSON.parse(JSON.stringify(context))).toEqual(context);
      }
    }
  });
});

describe("reaching", () => {
  const willing: StepEvent[] = [failed({ retryable: true, maxRetries: 1 }), orphaned(true), lost(true)];

  test("every state is reached from the beginning", () => {
    const paths = getShortestPaths(stepMachine, {
      events: [...Object.values(EVENTS), ...willing],
      serializeState: (snapshot) => `${dotted(snapshot.value)} ${snapshot.context.stopping}`,
    });
    expect([...new Set(paths.map(({ state }) => dotted(state.value)))].toSorted()).toEqual(stateNames.toSorted());
  });

  test("from every state that can still change a final state can be reached", () => {
    const open = stateNames.filter((state) => Object.keys(TABLE[state] ?? {}).length > 0);
    for (const state of open) {
      const paths = getShortestPaths(stepMachine, {
        fromState: snapshotIn(stepMachine, state, { attempt: 1 }) as ReturnType<typeof stepMachine.getInitialSnapshot>, // Made by this machine.
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
  const actor = createActor(stepMachine);
  actor.subscribe({ error: (error) => errors.push(error) });
  actor.start();
  actor.send(EVENTS["step.ready"]);
  expect(errors).toMatchObject([{ code: "INV_EFFECT_EXECUTED" }]);
});

test.each(["requestPermit", "releasePermit", "startAttempt", "stopAttempt"] as const)("%s throws when it is executed", (name) => {
  const action = stepMachine.implementations.actions[name];
  // Our effect actions take no arguments; XState's type wants the ones it would pass.
  expect(() => (action as unknown as () => void)()).toThrow(name);
});
