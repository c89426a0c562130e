/**
 * The life of a run. Its steps are actors of their own; this machine knows only whether they have work, wait, or have ended.
 *
 * R-A Every state that can still change answers `run.cancel`.
 * R-B `quarantined` is left by a person's event only.
 * R-C What is being stopped ends stopped: neither a time limit nor a release changes its course.
 * R-D Compensation and `finally` go to their end: neither a cancel nor the time limit breaks them off (I-26).
 */
import { assign, setup } from "xstate";
import type { Stored } from "../../src/core/blob.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { inert } from "../inert.ts";
import type { RunEvent, RunFailure } from "./run.events.ts";

export interface RunContext {
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** The whole run's time limit, and when it is due. */
  readonly delayMs: number | null;
  readonly dueAt: number | null;
  readonly output: Stored;
  /** Known before the run has ended when compensation or `finally` still has its turn; so is `output`. */
  readonly error: RunFailure | null;
  /** Where a release leads back to. */
  readonly phase: "main" | "compensating" | "concluding";
  /** Why a person must look. */
  readonly reason: string | null;
  readonly stopping: "cancel" | "timeout" | null;
  /** Who asked for the cancel, and why. */
  readonly canceledBy: string | null;
  readonly progress: JsonObject | null;
}

type Of<TType extends RunEvent["type"]> = Extract<RunEvent, { type: TType }>;

/** What is known of the run's end when its main steps are over. */
function closing(context: RunContext, event: RunEvent): Partial<RunContext> {
  const { error = context.error, canceledBy } = event as Of<"run.compensate">;
  const { output = context.output } = event as Of<"run.conclude">;
  return { error, output, dueAt: null, ...(canceledBy !== undefined && { canceledBy, stopping: "cancel" }) };
}

export const runMachine = setup({
  types: { context: {} as RunContext, events: {} as RunEvent },
  guards: {
    isTimedOut: ({ context }) => context.stopping === "timeout",
    isStopping: ({ context }) => context.stopping !== null,
    isCompensating: ({ context }) => context.phase === "compensating",
    isConcluding: ({ context }) => context.phase === "concluding",
  },
  actions: {
    noteStart: assign(({ event }) => {
      const { at, delayMs = null, dueAt = null } = event as Of<"run.start">;
      return { startedAt: at, delayMs, dueAt };
    }),
    noteCancel: assign(({ event }) => ({ stopping: "cancel", canceledBy: (event as Of<"run.cancel">).by, dueAt: null })),
    noteTimeout: assign({ stopping: "timeout", dueAt: null }),
    noteOutput: assign(({ event }) => ({ output: (event as Of<"run.succeed">).output, endedAt: event.at, dueAt: null })),
    noteError: assign(({ event }) => ({ error: (event as Of<"run.fail">).error ?? null, endedAt: event.at, dueAt: null })),
    noteQuarantine: assign(({ event }) => ({ reason: (event as Of<"run.quarantine">).reason, dueAt: null })),
    noteRelease: assign(({ context, event }) => {
      const { delayMs = context.delayMs, dueAt = null } = event as Of<"run.release">;
      return { reason: null, delayMs, dueAt };
    }),
    noteCompensating: assign(({ context, event }) => ({ ...closing(context, event), phase: "compensating" })),
    noteConcluding: assign(({ context, event }) => ({ ...closing(context, event), phase: "concluding" })),
    noteProgress: assign(({ event }) => ({ progress: (event as Of<"run.progress">).progress })),
    noteEnd: assign(({ event }) => ({ endedAt: event.at, dueAt: null })),
    makeOutput: () => inert("makeOutput"),
    stopSteps: () => inert("stopSteps"),
    complete: () => inert("complete"),
  },
  delays: { limit: ({ context }) => context.delayMs ?? Number.POSITIVE_INFINITY },
}).createMachine({
  id: "run-v1",
  context: {
    startedAt: null,
    endedAt: null,
    delayMs: null,
    dueAt: null,
    output: null,
    error: null,
    phase: "main",
    reason: null,
    stopping: null,
    canceledBy: null,
    progress: null,
  },
  initial: "pending",
  states: {
    pending: {
      on: {
        "run.start": { target: "running", actions: "noteStart" },
        "run.cancel": { target: "canceled", actions: ["noteCancel", "noteEnd"] },
      },
    },
    running: {
      initial: "executing",
      after: { limit: { target: ".canceling", actions: ["noteTimeout", "stopSteps"] } },
      on: {
        "run.progress": { actions: "noteProgress" },
        "run.cancel": { target: ".canceling", actions: ["noteCancel", "stopSteps"] },
        "run.quarantine": { target: "quarantined", actions: "noteQuarantine" },
        "run.fail": { target: "failed", actions: "noteError" },
      },
      states: {
        executing: {
          on: {
            "run.rest": "waiting",
            "run.pause": "paused",
            "run.finish": "finishing",
            "run.compensate": { target: "compensating", actions: "noteCompensating" },
            "run.conclude": { target: "concluding", actions: "noteConcluding" },
            "run.succeed": { target: "#run-v1.succeeded", actions: "noteOutput" },
          },
        },
        waiting: {
          on: {
            "run.wake": "executing",
            "run.pause": "paused",
            "run.finish": "finishing",
            "run.compensate": { target: "compensating", actions: "noteCompensating" },
            "run.conclude": { target: "concluding", actions: "noteConcluding" },
            "run.succeed": { target: "#run-v1.succeeded", actions: "noteOutput" },
          },
        },
        paused: {
          on: {
            "run.resume": "executing",
            "run.finish": "finishing",
            "run.compensate": { target: "compensating", actions: "noteCompensating" },
            "run.conclude": { target: "concluding", actions: "noteConcluding" },
            "run.succeed": { target: "#run-v1.succeeded", actions: "noteOutput" },
          },
        },
        canceling: {
          on: {
            "run.compensate": { target: "compensating", actions: "noteCompensating" },
            "run.conclude": { target: "concluding", actions: "noteConcluding" },
            "run.stopped": [
              { guard: "isTimedOut", target: "#run-v1.failed", actions: "noteError" },
              { target: "#run-v1.canceled", actions: "noteEnd" },
            ],
          },
        },
        finishing: {
          entry: "makeOutput",
          on: {
            "run.succeed": { target: "#run-v1.succeeded", actions: "noteOutput" },
            "run.cancel": { target: "#run-v1.canceled", actions: ["noteCancel", "noteEnd"] },
            "run.compensate": { target: "compensating", actions: "noteCompensating" },
            "run.conclude": { target: "concluding", actions: "noteConcluding" },
          },
        },
        compensating: {
          on: {
            "run.cancel": { actions: "noteCancel" },
            "run.conclude": { target: "concluding", actions: "noteConcluding" },
            "run.stopped": [
              { guard: "isTimedOut", target: "#run-v1.failed", actions: "noteError" },
              { target: "#run-v1.canceled", actions: "noteEnd" },
            ],
          },
        },
        concluding: {
          on: {
            "run.cancel": { actions: "noteCancel" },
            "run.succeed": { target: "#run-v1.succeeded", actions: "noteOutput" },
            "run.stopped": [
              { guard: "isTimedOut", target: "#run-v1.failed", actions: "noteError" },
              { target: "#run-v1.canceled", actions: "noteEnd" },
            ],
          },
        },
      },
    },
    quarantined: {
      entry: "complete",
      on: {
        "run.release": [
          { guard: "isCompensating", target: "running.compensating", actions: "noteRelease" },
          { guard: "isConcluding", target: "running.concluding", actions: "noteRelease" },
          { guard: "isStopping", target: "running.canceling", actions: "noteRelease" },
          { target: "running", actions: "noteRelease" },
        ],
        "run.cancel": [
          { guard: "isCompensating", target: "running.compensating", actions: "noteCancel" },
          { guard: "isConcluding", target: "running.concluding", actions: "noteCancel" },
          { target: "running.canceling", actions: ["noteCancel", "stopSteps"] },
        ],
        "run.fail": { target: "failed", actions: "noteError" },
      },
    },
    succeeded: { type: "final", entry: "complete" },
    failed: { type: "final", entry: "complete" },
    canceled: { type: "final", entry: "complete" },
  },
});
