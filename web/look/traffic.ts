/** Which rows and lines of a drawn statechart an actor has taken. */
import type { Chart, ChartState } from "../../src/contract/chart.ts";
import { edgeKey } from "./route.ts";

/** How often each event was consumed in each state, and each edge of the drawing was taken. */
export interface Traffic {
  /** By `state event`. */
  readonly rows: ReadonlyMap<string, number>;
  /** By the key of the edge. */
  readonly edges: ReadonlyMap<string, number>;
  readonly last: Taken | null;
}

/** Where in a statechart an entry is drawn. */
export interface Taken {
  readonly row: string;
  /** Null where the actor stayed in its state. */
  readonly edge: string | null;
}

export function prefixes(path: string): readonly string[] {
  const parts = path.split(".");
  return path === "" ? [] : parts.map((_, index) => parts.slice(0, index + 1).join("."));
}

const memories = new WeakMap<Chart, Map<string, Taken | null>>();

/** Finds the row and the edge of a move. The innermost state that answers the event with that target took it. */
export function takenIn(chart: Chart): (on: string, from: string, to: string) => Taken | null {
  const memory = memories.get(chart) ?? new Map<string, Taken | null>();
  memories.set(chart, memory);
  return (on, from, to) => {
    const key = `${on} ${from} ${to}`;
    let found = memory.get(key);
    if (found === undefined) {
      found = find(chart, on, from, to);
      memory.set(key, found);
    }
    return found;
  };
}

function find(chart: Chart, on: string, from: string, to: string): Taken | null {
  for (const state of statesAlong(chart, from).toReversed()) {
    const answer = state.answers.find(({ event }) => event === on);
    for (const { target } of answer?.transitions ?? []) {
      const row = rowKey(state.path, on);
      if (target === null && from === to) return { row, edge: null };
      if (target !== null && innermost(chart, target) === to)
        return { row, edge: target === state.path ? null : edgeKey(state.path, on, target) };
    }
  }
  return null;
}

export function rowKey(state: string, event: string): string {
  return `${state} ${event}`;
}

/** The states on the way from the top to this one, outermost first. */
export function statesAlong(chart: Chart, path: string): readonly ChartState[] {
  const found: ChartState[] = [];
  let states = chart.states;
  for (const prefix of prefixes(path)) {
    const state = states.find((one) => one.path === prefix);
    if (state === undefined) break;
    found.push(state);
    states = state.states;
  }
  return found;
}

/** The state in which an actor is when this one is entered. */
export function innermost(chart: Chart, path: string): string {
  const state = statesAlong(chart, path).at(-1);
  return state?.path === path && state.initial !== null ? innermost(chart, state.initial) : path;
}
