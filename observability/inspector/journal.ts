/** What the inspector reads from the journal. Everything comes from the store, so it is committed, and so runs of other processes count too. */

import type { RunId } from "../../src/core/ids.ts";
import { isJsonObject, type Json } from "../../src/core/json.ts";
import type { RunListing, StoredEntry, StoreReader } from "../../src/ports/store.ts";
import type { EarlierCount, RunDetail, RunLine, RunPresent, WireEntry } from "./message.ts";

type JournalEntry = StoredEntry["entry"];

/** A store as far as one client may see it: what it may not see is not there. */
export interface InspectedStore
  extends Pick<StoreReader, "run" | "runs" | "unfinishedRuns" | "steps" | "definition" | "entries" | "tail" | "lastPosition"> {
  /** Whether an entry of the tail, which is read as a whole, may be seen. */
  shows(entry: StoredEntry): boolean;
}

/** Runs that a client is told of when it comes; it hears of later ones as they begin. */
const RUNS_MAX = 50;
/** Entries of one run that a client gets; what lies before them arrives as states and counts. */
const HISTORY_MAX = 20_000;
const PAGE = 1_000;

/** For a client that may see everything. */
export function wholeStore(store: StoreReader): InspectedStore {
  return { ...store, shows: () => true };
}

/** The newest runs, and every unfinished one among those that the bound admits; newest first. */
export function readLines(store: InspectedStore): readonly RunLine[] {
  const newest = store.runs({ limit: RUNS_MAX });
  const known = new Set(newest.map(({ id }) => id));
  const older = store
    .unfinishedRuns()
    .filter((id) => !known.has(id))
    .slice(-RUNS_MAX)
    .map((id) => store.run(id))
    .filter((row) => row !== null);
  return [...newest, ...older.toReversed()].map(toLine);
}

export function toLine({ id, workflow, state, createdAt, endedAt }: RunListing): RunLine {
  return { id, workflow, state, createdAt, endedAt };
}

/** The run as it is now; null when it is not there. */
export function readPresent(store: InspectedStore, runId: RunId): RunPresent | null {
  const row = store.run(runId);
  if (row === null) return null;
  const states: Record<string, string> = { run: row.state };
  for (const { step, itemKey, state } of store.steps(runId)) if (itemKey === "") states[step] = state;
  const steps = stepsOf(store.definition(row.definition)?.document.steps);
  return { line: toLine(row), steps, present: { seq: row.lastSeq, states } };
}

/** What lies before the oldest entry that is sent. Between pages other work gets its turn. */
export async function readBase(store: InspectedStore, runId: RunId, { present }: RunPresent): Promise<RunDetail["base"]> {
  const states: Record<string, string> = {};
  const counts = new Map<string, EarlierCount>();
  const untilSeq = present.seq - HISTORY_MAX;
  let seq = 0;
  while (seq < untilSeq) {
    const page = store.entries(runId, seq, Math.min(PAGE, untilSeq - seq));
    if (page.length === 0) break;
    for (const { actor, on, from, to } of page) {
      states[actor] = to;
      const key = `${actor} ${on} ${from} ${to}`;
      counts.set(key, { actor, on, from, to, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    seq += page.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { seq, states, counts: [...counts.values()] };
}

/** The normalised document lists them with an `id`; a definition that was removed has none. */
function stepsOf(steps: Json | undefined): RunPresent["steps"] {
  if (!Array.isArray(steps)) return [];
  return steps.flatMap((step: Json) => {
    if (!isJsonObject(step) || typeof step.id !== "string") return [];
    return [{ id: step.id, type: typeof step.type === "string" ? step.type : "" }];
  });
}

/** The next entries of a run, at most a page; `isWhole` when there are no more for now. */
export function readEntries(
  store: InspectedStore,
  runId: RunId,
  afterSeq: number,
): { readonly entries: readonly JournalEntry[]; readonly isWhole: boolean } {
  const entries = store.entries(runId, afterSeq, PAGE);
  return { entries, isWhole: entries.length < PAGE };
}

export function toWire({ seq, at, actor, type, on, from, to }: JournalEntry): WireEntry {
  return { seq, at, actor, type, on, from, to };
}

/** Of an actor's reports about its progress that arrive together only the last is passed on: they change no state. */
export function sampled(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const last = new Map<string, number>();
  for (const { actor, type, seq } of entries) if (type.endsWith(".progress")) last.set(actor, seq);
  return last.size === 0 ? entries : entries.filter(({ actor, type, seq }) => !type.endsWith(".progress") || last.get(actor) === seq);
}
