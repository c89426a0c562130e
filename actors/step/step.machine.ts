/**
 * The life of one step.
 *
 * ST-A Attempts belong to this machine: no queue and no library repeats one.
 * ST-B Every state that can still change answers `step.cancel`.
 * ST-C `quarantined` is left by a person's event only (I-19).
 * ST-D The initial snapshot is the same for all steps, since policies arrive with the events that need them.
 * ST-E A step that is parked or fanned out holds no place: what it waits for is an answer, or the end of its items.
 */
import { assign, setup } from "xstate";
import type { Stored } from "../../src/core/blob.ts";
import type { TaskFailure } from "../../src/core/failure.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Answered, ParkedUntil } from "../../src/plan/parking.ts";
import { inert } from "../inert.ts";
import type { Caught, SkipReason, StepEvent, Verdict } from "./step.events.ts";

/** Deaths of engines within a step's attempts, or of attempts without them, after which the step is taken for the cause (I-18). */
export const POISON_CRASHES = 3;

export interface StepContext {
  /** Number of the latest attempt; 0 before the first. */
  readonly attempt: number;
  readonly retries: number;
  /** Engines that died within its attempts, and attempts lost while their engine lived. */
  readonly crashes: number;
  /** The attempt within which an engine died last; 0 for none. */
  readonly orphaned: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** When the live timer of the current state is due. */
  readonly dueAt: number | null;
  readonly delayMs: number | null;
  readonly output: Stored;
  /** The latest failure, also of a step that went on. */
  readonly failure: TaskFailure | null;
  readonly skipped: SkipReason | null;
  readonly stopping: "cancel" | "timeout" | null;
  /** What it waits for, or last waited for. */
  readonly parked: ParkedUntil | null;
  /** Its output is that of an earlier run, from the step cache. */
  readonly reused: boolean;
  /** Position of the `catch` rule that settled its failure; -1 for none. */
  readonly caught: number;
  /** What the executor last reported, for people. */
  readonly progress: JsonObject | null;
  /** The result of an attempt that ended while a person was asked already. */
  readonly late: Ended["outcome"] | Of<"attempt.succeeded">["outcome"] | null;
}

type Of<TType extends StepEvent["type"]> = Extract<StepEvent, { type: TType }>;
type Ended = Of<"attempt.failed" | "attempt.timed_out" | "attempt.stopped" | "attempt.lost">;

/** What becomes of a failure by the author's own rules, for those events that bring it. */
const caughtBy = (event: StepEvent): Caught | undefined => (event as Of<"attempt.failed">).caught;

/** The answer of an event that settles a parked step. */
const answerOf = (event: StepEvent): Answered => (event as Of<"step.answer">).answer;

/** The failure that an event tells of, whoever tells it. */
function failureOf(event: StepEvent): TaskFailure | null {
  if (event.type === "step.joined") return event.failure;
  if (event.type === "step.answer" || event.type === "xstate.after.parking.step-v1.running.parked")
    return event.answer.kind === "failed" ? event.answer.failure : null;
  return (event as Ended).outcome.failure ?? null;
}

/** Whether the step cache gave an attempt's result. */
function isHit({ usage }: Of<"attempt.succeeded">): boolean {
  const cache = usage?.cache;
  return typeof cache === "object" && cache !== null && "hit" in cache && cache.hit === true;
}

/** The verdict of an event that has one; guards are asked only for those. */
const verdictOf = (event: StepEvent): Verdict => (event as Of<"attempt.failed">).verdict;

export const stepMachine = setup({
  types: { context: {} as StepContext, events: {} as StepEvent },
  guards: {
    canRetry: ({ context, event }) => verdictOf(event).retryable && context.retries < verdictOf(event).maxRetries,
    needsPerson: ({ event }) => verdictOf(event).unrepeatable,
    quarantinesWhenExhausted: ({ event }) => verdictOf(event).onExhausted === "quarantine" && verdictOf(event).retryable,
    fallsBack: ({ event }) => verdictOf(event).onTimeout === "fallback",
    skipsOnTimeout: ({ event }) => verdictOf(event).onTimeout === "skip",
    mayRepeat: ({ event }) => (event as Of<"attempt.lost">).repeatable,
    isPoisonous: ({ context }) => context.crashes + 1 >= POISON_CRASHES,
    asksPersonAfterCrash: ({ event }) => (event as Of<"attempt.orphaned">).quarantine,
    catchGivesValue: ({ event }) => caughtBy(event)?.kind === "fallback",
    catchSkips: ({ event }) => caughtBy(event) !== undefined,
    answerSucceeds: ({ event }) => answerOf(event).kind === "succeeded",
    answerRepeats: ({ event }) => answerOf(event).kind === "again",
    itemsPass: ({ event }) => (event as Of<"step.joined">).failure === null,
    isCanceling: ({ context }) => context.stopping === "cancel",
  },
  actions: {
    noteStart: assign(({ context, event }) => {
      const start = event as Of<"attempt.start">;
      return {
        attempt: start.attempt,
        startedAt: context.startedAt ?? start.at,
        dueAt: start.dueAt ?? null,
        delayMs: start.delayMs ?? null,
      };
    }),
    noteCarried: assign(({ event }) => ({ attempt: (event as Of<"step.carry">).attempt, startedAt: event.at })),
    noteOutput: assign(({ event }) => ({
      output: (event as Of<"attempt.succeeded">).outcome.output ?? null,
      reused: isHit(event as Of<"attempt.succeeded">),
      endedAt: event.at,
      dueAt: null,
    })),
    noteOverride: assign(({ event }) => ({ output: (event as Of<"step.override">).output, endedAt: event.at, dueAt: null })),
    noteFailure: assign(({ event }) => ({ failure: failureOf(event), endedAt: event.at, dueAt: null })),
    noteCaughtValue: assign(({ event }) => ({ output: caughtBy(event)?.output ?? null, caught: caughtBy(event)?.rule ?? -1 })),
    noteCaughtSkip: assign(({ event }) => {
      const text = `its failure was caught: ${failureOf(event)?.title ?? ""}`;
      return { skipped: { kind: "caught", text }, caught: caughtBy(event)?.rule ?? -1 };
    }),
    noteParked: assign(({ event }) => {
      const { until, dueAt = null, delayMs = null } = event as Of<"attempt.parked">;
      return { parked: until, dueAt, delayMs, stopping: null };
    }),
    noteFanned: assign({ dueAt: null, stopping: null }),
    noteAnswer: assign(({ event }) => {
      const answer = answerOf(event);
      return { output: answer.kind === "succeeded" ? answer.output : null, endedAt: event.at, dueAt: null };
    }),
    noteVerdictOfPerson: assign(({ event }) => ({ failure: (event as Of<"step.fail">).failure, endedAt: event.at, dueAt: null })),
    noteRetry: assign(({ context, event }) => {
      const failed = event as Of<"attempt.failed">;
      const { dueAt = null, delayMs = null } = failed;
      return { retries: context.retries + 1, failure: failed.outcome.failure ?? null, dueAt, delayMs, stopping: null };
    }),
    noteRequeue: assign({ dueAt: null, delayMs: null, stopping: null }),
    noteNotStarted: assign(({ context }) => ({ attempt: context.attempt - 1, orphaned: 0 })),
    noteCrash: assign(({ context }) => ({ crashes: context.crashes + 1, orphaned: context.attempt })),
    noteLoss: assign(({ context, event }) => ({ crashes: context.crashes + Number((event as Of<"attempt.lost">).counted ?? false) })),
    noteSkip: assign(({ event }) => ({ skipped: (event as Of<"step.skip">).reason, endedAt: event.at, dueAt: null })),
    noteTimeoutSkip: assign(({ event }) => ({
      failure: (event as Of<"attempt.timed_out">).outcome.failure ?? null,
      skipped: { kind: "timeout", text: "its time-out says skip" },
      endedAt: event.at,
      dueAt: null,
    })),
    noteRelease: assign({ retries: 0, crashes: 0, orphaned: 0, endedAt: null, dueAt: null, stopping: null, late: null }),
    noteCanceling: assign({ stopping: "cancel", dueAt: null }),
    noteTimeout: assign({ stopping: "timeout", dueAt: null }),
    noteProgress: assign(({ event }) => ({ progress: (event as Of<"attempt.progress">).progress })),
    noteLate: assign(({ event }) => ({ late: (event as Ended).outcome })),
    noteEnd: assign(({ event }) => ({ endedAt: event.at, dueAt: null })),
    requestPermit: () => inert("requestPermit"),
    releasePermit: () => inert("releasePermit"),
    park: () => inert("park"),
    unpark: () => inert("unpark"),
    startAttempt: () => inert("startAttempt"),
    stopAttempt: () => inert("stopAttempt"),
  },
  delays: {
    backoff: ({ context }) => context.delayMs ?? 0,
    timeout: ({ context }) => context.delayMs ?? Number.POSITIVE_INFINITY,
    parking: ({ context }) => context.delayMs ?? Number.POSITIVE_INFINITY,
  },
}).createMachine({
  id: "step-v1",
  context: {
    attempt: 0,
    retries: 0,
    crashes: 0,
    orphaned: 0,
    startedAt: null,
    endedAt: null,
    dueAt: null,
    delayMs: null,
    output: null,
    failure: null,
    skipped: null,
    stopping: null,
    parked: null,
    reused: false,
    caught: -1,
    progress: null,
    late: null,
  },
  initial: "pending",
  states: {
    pending: {
      initial: "blocked",
      on: {
        "step.skip": { target: "skipped", actions: ["noteSkip", "releasePermit"] },
        "step.cancel": { target: "canceled", actions: ["noteEnd", "releasePermit"] },
      },
      states: {
        blocked: {
          on: {
            "step.ready": "queued",
            "step.carry": { target: "#step-v1.running.waiting", actions: "noteCarried" },
            "step.admit": "#step-v1.running.waiting",
          },
        },
        queued: {
          entry: "requestPermit",
          on: { "attempt.start": { target: "#step-v1.running.executing", actions: "noteStart" } },
        },
      },
    },
    running: {
      initial: "executing",
      exit: "releasePermit",
      on: {
        "attempt.succeeded": { target: "succeeded", actions: "noteOutput" },
        "attempt.failed": [
          { guard: "canRetry", target: "retrying", actions: "noteRetry" },
          { guard: "needsPerson", target: "quarantined", actions: "noteFailure" },
          { guard: "catchGivesValue", target: "succeeded", actions: ["noteFailure", "noteCaughtValue"] },
          { guard: "catchSkips", target: "skipped", actions: ["noteFailure", "noteCaughtSkip"] },
          { guard: "quarantinesWhenExhausted", target: "quarantined", actions: "noteFailure" },
          { target: "failed", actions: "noteFailure" },
        ],
        "attempt.timed_out": [
          { guard: "canRetry", target: "retrying", actions: "noteRetry" },
          { guard: "fallsBack", target: "succeeded", actions: ["noteFailure", "noteOutput"] },
          { guard: "skipsOnTimeout", target: "skipped", actions: "noteTimeoutSkip" },
          { guard: "needsPerson", target: "quarantined", actions: "noteFailure" },
          { guard: "catchGivesValue", target: "succeeded", actions: ["noteFailure", "noteCaughtValue"] },
          { guard: "catchSkips", target: "skipped", actions: ["noteFailure", "noteCaughtSkip"] },
          { guard: "quarantinesWhenExhausted", target: "quarantined", actions: "noteFailure" },
          { target: "failed", actions: "noteFailure" },
        ],
      },
      states: {
        executing: {
          entry: "startAttempt",
          after: { timeout: { target: "stopping", actions: ["noteTimeout", "stopAttempt"] } },
          on: {
            "attempt.progress": { actions: "noteProgress" },
            "attempt.orphaned": [
              { guard: "isPoisonous", target: "#step-v1.quarantined", actions: ["noteCrash", "stopAttempt", "noteEnd"] },
              { guard: "asksPersonAfterCrash", target: "#step-v1.quarantined", actions: ["noteCrash", "noteEnd"] },
              { actions: "noteCrash" },
            ],
            "attempt.lost": [
              { guard: "mayRepeat", target: "waiting", actions: ["noteLoss", "noteRequeue", "releasePermit", "requestPermit"] },
              { guard: "needsPerson", target: "#step-v1.quarantined", actions: ["noteLoss", "noteFailure"] },
              { guard: "catchGivesValue", target: "#step-v1.succeeded", actions: ["noteFailure", "noteCaughtValue"] },
              { guard: "catchSkips", target: "#step-v1.skipped", actions: ["noteFailure", "noteCaughtSkip"] },
              { target: "#step-v1.failed", actions: "noteFailure" },
            ],
            "attempt.parked": { target: "parked", actions: ["noteParked", "releasePermit"] },
            "attempt.fanned": { target: "fanned", actions: ["noteFanned", "releasePermit"] },
            "attempt.requeued": { target: "waiting", actions: ["noteNotStarted", "noteRequeue", "releasePermit", "requestPermit"] },
            "step.cancel": { target: "stopping", actions: ["noteCanceling", "stopAttempt"] },
          },
        },
        waiting: {
          on: {
            "attempt.start": { target: "executing", actions: "noteStart" },
            // Its condition cannot be evaluated. No attempt is alive here that would have to be stopped.
            "step.fail": { target: "#step-v1.failed", actions: "noteVerdictOfPerson" },
            "step.cancel": { target: "#step-v1.canceled", actions: "noteEnd" },
          },
        },
        parked: {
          entry: "park",
          exit: "unpark",
          after: {
            parking: [
              { guard: "answerSucceeds", target: "#step-v1.succeeded", actions: "noteAnswer" },
              { guard: "answerRepeats", target: "waiting", actions: ["noteRequeue", "requestPermit"] },
              { guard: "catchGivesValue", target: "#step-v1.succeeded", actions: ["noteFailure", "noteCaughtValue"] },
              { guard: "catchSkips", target: "#step-v1.skipped", actions: ["noteFailure", "noteCaughtSkip"] },
              { target: "#step-v1.failed", actions: "noteFailure" },
            ],
          },
          on: {
            "step.answer": [
              { guard: "answerSucceeds", target: "#step-v1.succeeded", actions: "noteAnswer" },
              { guard: "answerRepeats", target: "waiting", actions: ["noteRequeue", "requestPermit"] },
              { guard: "catchGivesValue", target: "#step-v1.succeeded", actions: ["noteFailure", "noteCaughtValue"] },
              { guard: "catchSkips", target: "#step-v1.skipped", actions: ["noteFailure", "noteCaughtSkip"] },
              { target: "#step-v1.failed", actions: "noteFailure" },
            ],
            "step.cancel": { target: "#step-v1.canceled", actions: "noteEnd" },
          },
        },
        fanned: {
          on: {
            "step.joined": [
              { guard: "itemsPass", target: "#step-v1.succeeded", actions: "noteEnd" },
              { guard: "catchGivesValue", target: "#step-v1.succeeded", actions: ["noteFailure", "noteCaughtValue"] },
              { guard: "catchSkips", target: "#step-v1.skipped", actions: ["noteFailure", "noteCaughtSkip"] },
              { target: "#step-v1.failed", actions: "noteFailure" },
            ],
            "step.cancel": { target: "#step-v1.canceled", actions: "noteEnd" },
          },
        },
        stopping: {
          on: {
            // Where the guard does not hold, `running` answers.
            "attempt.succeeded": { guard: "isCanceling", target: "#step-v1.canceled", actions: "noteEnd" },
            "attempt.failed": { guard: "isCanceling", target: "#step-v1.canceled", actions: "noteEnd" },
            "attempt.timed_out": { guard: "isCanceling", target: "#step-v1.canceled", actions: "noteEnd" },
            "attempt.stopped": { target: "#step-v1.canceled", actions: "noteEnd" },
            "attempt.lost": [
              { guard: "isCanceling", target: "#step-v1.canceled", actions: "noteEnd" },
              { guard: "mayRepeat", target: "waiting", actions: ["noteLoss", "noteRequeue", "releasePermit", "requestPermit"] },
              { guard: "needsPerson", target: "#step-v1.quarantined", actions: ["noteLoss", "noteFailure"] },
              { guard: "catchGivesValue", target: "#step-v1.succeeded", actions: ["noteFailure", "noteCaughtValue"] },
              { guard: "catchSkips", target: "#step-v1.skipped", actions: ["noteFailure", "noteCaughtSkip"] },
              { target: "#step-v1.failed", actions: "noteFailure" },
            ],
            "attempt.parked": [
              // What it began to wait for is let go of, as if it had parked.
              { guard: "isCanceling", target: "#step-v1.canceled", actions: ["noteParked", "unpark", "noteEnd"] },
              { target: "parked", actions: ["noteParked", "releasePermit"] },
            ],
            "attempt.fanned": [
              { guard: "isCanceling", target: "#step-v1.canceled", actions: "noteEnd" },
              { target: "fanned", actions: ["noteFanned", "releasePermit"] },
            ],
            "attempt.requeued": [
              { guard: "isCanceling", target: "#step-v1.canceled", actions: "noteEnd" },
              { target: "waiting", actions: ["noteNotStarted", "noteRequeue", "releasePermit", "requestPermit"] },
            ],
            "attempt.orphaned": { actions: "noteCrash" },
            "step.cancel": { actions: "noteCanceling" },
          },
        },
      },
    },
    retrying: {
      after: { backoff: { target: "running.waiting", actions: ["noteRequeue", "requestPermit"] } },
      on: { "step.cancel": { target: "canceled", actions: "noteEnd" } },
    },
    quarantined: {
      // An attempt may have been left alive for the person to judge.
      exit: "stopAttempt",
      on: {
        // Back to the start: what it excludes may be running by now.
        "step.release": { target: "pending.blocked", actions: "noteRelease" },
        "step.skip": { target: "skipped", actions: "noteSkip" },
        "step.override": { target: "succeeded", actions: "noteOverride" },
        "step.fail": { target: "failed", actions: "noteVerdictOfPerson" },
        "step.cancel": { target: "canceled", actions: "noteEnd" },
        "attempt.succeeded": { actions: "noteLate" },
        "attempt.failed": { actions: "noteLate" },
        "attempt.timed_out": { actions: "noteLate" },
        "attempt.stopped": { actions: "noteLate" },
        "attempt.lost": { actions: "noteLate" },
      },
    },
    succeeded: { type: "final" },
    failed: { type: "final" },
    skipped: { type: "final" },
    canceled: { type: "final" },
  },
});
