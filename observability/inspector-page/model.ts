/** What the page knows of the runs, and what of it was true at a given moment. */
import type { Chart, ChartState } from "../inspector/chart.ts";
import type { RunDetail, WireEntry } from "../inspector/message.ts";
import { edgeKey } from "./route.ts";

export interface RunModel {
  readonly detail: RunDetail;
  /** By seq, without gaps except for left-out progress. */
  readonly entries: WireEntry[];
}

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

/** Adds entries that are new; those that came already are left out. */
export function addEntries(run: RunModel, entries: readonly WireEntry[]): void {
  let last = run.entries.at(-1)?.seq ?? run.detail.base.seq;
  for (const entry of entries) {
    if (entry.seq <= last) continue;
    run.entries.push(entry);
    last = entry.seq;
  }
}

/** True when the history has come as far as the present that was sent with the run. */
function isComplete({ detail, entries }: RunModel): boolean {
  return (entries.at(-1)?.seq ?? detail.base.seq) >= detail.present.seq;
}

/** State of every actor after this entry; actors that have not moved are missing. Null for now. */
export function statesAt(run: RunModel, untilSeq: number | null): ReadonlyMap<string, string> {
  const { base, present } = run.detail;
  // Until the history is here, the present is what was told at once.
  const states = new Map(Object.entries(untilSeq === null && !isComplete(run) ? present.states : base.states));
  if (untilSeq === null && !isComplete(run)) return states;
  for (const { seq, actor, to } of run.entries) {
    if (untilSeq !== null && seq > untilSeq) break;
    states.set(actor, to);
  }
  return states;
}

export function trafficOf(run: RunModel, chart: Chart, actor: string, untilSeq: number | null): Traffic {
  const rows = new Map<string, number>();
  const edges = new Map<string, number>();
  const tell = takenIn(chart);
  let last: Taken | null = null;
  const note = ({ on, from, to }: Pick<WireEntry, "on" | "from" | "to">, count: number): void => {
    last = tell(on, from, to);
    if (last === null) return;
    rows.set(last.row, (rows.get(last.row) ?? 0) + count);
    if (last.edge !== null) edges.set(last.edge, (edges.get(last.edge) ?? 0) + count);
  };
  const isOwn = (one: { readonly actor: string }): boolean => one.actor === actor;
  for (const earlier of run.detail.base.counts) if (isOwn(earlier)) note(earlier, earlier.count);
  for (const entry of run.entries) {
    if (untilSeq !== null && entry.seq > untilSeq) break;
    if (isOwn(entry)) note(entry, 1);
  }
  return { rows, edges, last };
}

export function prefixes(path: string): readonly string[] {
  const parts = path.split(".");
  return path === "" ? [] : parts.map((_, index) => parts.slice(0, index + 1).join("."));
}

const memories = new WeakMap<Chart, Map<string, Taken | null>>();

/** Finds the row and the edge of a move. The innermost state that answers the event with that target took it. */
function takenIn(chart: Chart): (on: string, from: string, to: string) => Taken | null {
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
function statesAlong(chart: Chart, path: string): readonly ChartState[] {
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
function innermost(chart: Chart, path: string): string {
  const state = statesAlong(chart, path).at(-1);
  return state?.path === path && state.initial !== null ? innermost(chart, state.initial) : path;
}
