/** What the page knows of the runs, and what of it was true at a given moment. */
import type { Chart } from "../../src/contract/chart.ts";
import { type Taken, type Traffic, takenIn } from "../../web/look/traffic.ts";
import type { RunDetail, WireEntry } from "../inspector/message.ts";

export interface RunModel {
  readonly detail: RunDetail;
  /** By seq, without gaps except for left-out progress. */
  readonly entries: WireEntry[];
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
