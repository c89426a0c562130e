/**
 * Drives the statechart of a circuit breaker, which is an actor that belongs to no run: one for each tenant and target, shared by all
 * their runs. Its moves are kept in the store's audit log, and its state is the last of them.
 */
import type { BreakerEvent } from "../../actors/breaker/breaker.events.ts";
import { type BreakerContext, breakerMachine } from "../../actors/breaker/breaker.machine.ts";
import { createReducer } from "./machine.ts";

export type { BreakerContext, BreakerEvent };

export const BREAKER_STATES = ["closed", "open", "half_open"] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

export interface BreakerActor {
  readonly state: BreakerState;
  readonly context: BreakerContext;
}

/** A transition, as it is kept and told. */
export interface BreakerMove {
  readonly type: "breaker.opened" | "breaker.half_open" | "breaker.closed";
  /** Type of the event that caused it. */
  readonly on: string;
  readonly from: BreakerState;
  readonly to: BreakerActor;
  readonly at: number;
}

const reducer = createReducer<{ readonly status: "active"; readonly value: BreakerState; readonly context: BreakerContext }, BreakerEvent>(
  breakerMachine,
);

const MOVES: Readonly<Record<BreakerState, BreakerMove["type"]>> = {
  closed: "breaker.closed",
  half_open: "breaker.half_open",
  open: "breaker.opened",
};

export const BREAKER_INITIAL: BreakerActor = { state: "closed", context: reducer.initial.context };

/** Sends one event; null when it changes nothing. Pure. */
export function moveBreaker(actor: BreakerActor, event: BreakerEvent): BreakerMove | null {
  const before = { status: "active", value: actor.state, context: actor.context } as const;
  const { snapshot } = reducer.send(before, event);
  if (snapshot === before) return null;
  const { value: state, context } = snapshot;
  return { type: MOVES[state], on: event.type, from: actor.state, to: { state, context }, at: event.at };
}

export function parseBreakerState(value: unknown): BreakerState | null {
  return BREAKER_STATES.find((state) => state === value) ?? null;
}

/** An actor as a store kept it: what is missing or wrong counts as never noted. */
export function toBreakerActor(state: BreakerState, context: Readonly<Record<string, unknown>>): BreakerActor {
  const number = (name: keyof BreakerContext): number | null => (typeof context[name] === "number" ? context[name] : null);
  return {
    state,
    context: {
      failures: number("failures") ?? 0,
      calls: number("calls") ?? 0,
      openings: number("openings") ?? 0,
      openedAt: number("openedAt"),
      delayMs: number("delayMs"),
      dueAt: number("dueAt"),
      closedBy: typeof context.closedBy === "string" ? context.closedBy : null,
    },
  };
}
