/** Which ways of its statechart an actor has taken, from its events. They name where it came from and where it went, not always what it answered; among several answers that lead there, the one that sounds like the event is meant. */
import type { Chart } from "../../../../src/contract/chart.ts";
import type { EventView } from "../../../../src/contract/event-view.ts";
import { edgeKey } from "../../../look/route.ts";
import { innermost, rowKey, statesAlong, type Taken, type Traffic } from "../../../look/traffic.ts";

/** @param actor id of a step; null for the run itself */
export function trafficOf(events: readonly EventView[], chart: Chart, actor: string | null, untilSeq: number | null): Traffic {
  const rows = new Map<string, number>();
  const edges = new Map<string, number>();
  const memory = new Map<string, Taken | null>();
  let last: Taken | null = null;
  for (const { seq, stepId = null, type, from, to } of events) {
    if (untilSeq !== null && seq > untilSeq) break;
    if (stepId !== actor || from === undefined || to === undefined) continue;
    const key = `${type} ${from} ${to}`;
    if (!memory.has(key)) memory.set(key, takenBy(chart, type, from, to));
    last = memory.get(key) ?? null;
    if (last === null) continue;
    rows.set(last.row, (rows.get(last.row) ?? 0) + 1);
    if (last.edge !== null) edges.set(last.edge, (edges.get(last.edge) ?? 0) + 1);
  }
  return { rows, edges, last };
}

function takenBy(chart: Chart, type: string, from: string, to: string): Taken | null {
  const ways = statesAlong(chart, from).flatMap((state) =>
    state.answers.flatMap(({ event, transitions }) =>
      transitions.flatMap(({ target }) => {
        const leadsThere = target === null ? from === to : innermost(chart, target) === to;
        const edge = target === null || target === state.path ? null : edgeKey(state.path, event, target);
        return leadsThere ? [{ row: rowKey(state.path, event), edge, likeness: likeness(event, type) }] : [];
      }),
    ),
  );
  const best = ways.toSorted((one, other) => other.likeness - one.likeness)[0];
  return best === undefined ? null : { row: best.row, edge: best.edge };
}

/** Words that events of different names have in common: `step.succeeded` and `attempt.succeeded`, `attempt.started` and `attempt.start`. */
function likeness(event: string, type: string): number {
  if (event === type) return 4;
  const [own = "", verb = ""] = event.split(".");
  const [other = "", said = ""] = type.split(".");
  const isSameVerb = verb === said || (verb.length > 3 && said.startsWith(verb)) || (said.length > 3 && verb.startsWith(said));
  return (isSameVerb ? 2 : 0) + (own === other ? 1 : 0) - (event.startsWith("xstate.") ? 0.5 : 0);
}
