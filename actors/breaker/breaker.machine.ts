/**
 * The life of a circuit breaker. It lives as long as its target is spoken to, so that no state is final.
 *
 * B-A It opens only by failures that its target is to blame for, and closes only by an answer of the target or by a person.
 * B-B While half open, one probe is on its way at most: whoever lets calls through sees to that, since only it knows of them.
 * B-C It knows no cancel and no time-out of calls: those belong to the attempt (I-36).
 */
import { assign, setup } from "xstate";
import type { BreakerEvent } from "./breaker.events.ts";

export interface BreakerContext {
  /** What opened it: this many failures of this many calls. */
  readonly failures: number;
  readonly calls: number;
  /** Times that it has opened since it was closed last. */
  readonly openings: number;
  readonly openedAt: number | null;
  /** How long it stays open, and until when. */
  readonly delayMs: number | null;
  readonly dueAt: number | null;
  /** Who closed it, if a person did. */
  readonly closedBy: string | null;
}

type Of<TType extends BreakerEvent["type"]> = Extract<BreakerEvent, { type: TType }>;

export const breakerMachine = setup({
  types: { context: {} as BreakerContext, events: {} as BreakerEvent },
  guards: {
    isTooMuch: ({ event }) => {
      const { failures, calls, limit } = event as Of<"call.failed">;
      return failures >= limit && failures * 2 >= calls;
    },
  },
  actions: {
    noteOpening: assign(({ context, event }) => {
      const { at, failures, calls, delayMs, dueAt } = event as Of<"call.failed">;
      return { failures, calls, openings: context.openings + 1, openedAt: at, delayMs, dueAt, closedBy: null };
    }),
    noteRecovery: assign({ dueAt: null }),
    noteClosing: assign(({ event }) => ({
      failures: 0,
      calls: 0,
      openings: 0,
      openedAt: null,
      delayMs: null,
      dueAt: null,
      closedBy: event.type === "breaker.reset" ? event.by : null,
    })),
  },
  delays: { recovery: ({ context }) => context.delayMs ?? Number.POSITIVE_INFINITY },
}).createMachine({
  id: "breaker-v1",
  context: { failures: 0, calls: 0, openings: 0, openedAt: null, delayMs: null, dueAt: null, closedBy: null },
  initial: "closed",
  states: {
    closed: {
      on: { "call.failed": { guard: "isTooMuch", target: "open", actions: "noteOpening" } },
    },
    open: {
      after: { recovery: { target: "half_open", actions: "noteRecovery" } },
      on: { "breaker.reset": { target: "closed", actions: "noteClosing" } },
    },
    half_open: {
      on: {
        "call.failed": { target: "open", actions: "noteOpening" },
        "call.answered": { target: "closed", actions: "noteClosing" },
        "breaker.reset": { target: "closed", actions: "noteClosing" },
      },
    },
  },
});
