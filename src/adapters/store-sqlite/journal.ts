/** Appends entries: gapless per run, hash-chained, in one order for the whole store (ST5). */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { InvariantError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { computeNextHash, type EntryColumns, toCanonicalText, toEntryText } from "./entry-text.ts";
import type { RunColumns } from "./handover.ts";
import { type Changes, project } from "./projection.ts";

/** Ends of journals kept in memory, so that appending reads nothing. */
const HEADS_MAX = 50_000;

interface Head {
  readonly run: number;
  seq: number;
  hash: string;
}

export interface Journal {
  /** Inside the caller's transaction. @throws InvariantError INV_JOURNAL_GAP, INV_ENTRY_REFUSED */
  append(runs: readonly RunColumns[], epoch: number, changes: Changes): void;
  /** Forgets what a rolled-back transaction taught it. */
  reset(): void;
}

export function createJournal(db: DatabaseSync): Journal {
  const rows = createRowInserter(db);
  const insertJournal = db.prepare("INSERT INTO journals VALUES (NULL, ?)");
  const findRun = db.prepare("SELECT run FROM journals WHERE id = ?");
  const findHead = db.prepare("SELECT seq, hash FROM run_events WHERE run = ? ORDER BY seq DESC LIMIT 1");
  const findPosition = db.prepare(
    "SELECT max((SELECT coalesce(max(position), 0) FROM run_events), (SELECT position FROM watermark)) AS last",
  );
  const heads = new Map<string, Head>();
  let position: number | null = null;

  const headOf = (runId: string): Head => {
    let head = heads.get(runId);
    if (head === undefined) {
      head = loadHead(runId);
      if (heads.size >= HEADS_MAX) heads.delete(heads.keys().next().value ?? "");
      heads.set(runId, head);
    }
    return head;
  };

  const loadHead = (runId: string): Head => {
    const known = findRun.get(runId);
    if (known === undefined) return { run: Number(insertJournal.run(runId).lastInsertRowid), seq: 0, hash: runId };
    const run = Number(known.run);
    const last = findHead.get(run);
    return last === undefined ? { run, seq: 0, hash: runId } : { run, seq: Number(last.seq), hash: String(last.hash) };
  };

  return {
    append(runs, epoch, changes) {
      let next = position ?? Number(findPosition.get()?.last);
      for (const { runId, entries } of runs) {
        const head = headOf(runId);
        for (const entry of entries) {
          if (entry.seq !== head.seq + 1) throw misfit(runId, entry, head.seq);
          const { columns, data } = toCanonical(entry);
          head.hash = computeNextHash(head.hash, toEntryText(columns));
          head.seq = entry.seq;
          next += 1;
          const { seq, actor, type, on, from, to, causeId, at } = columns;
          rows.add(next, head.run, seq, actor, type, on, from, to, columns.data, causeId, at, epoch, head.hash);
          project(changes, head.run, columns, data, epoch);
        }
      }
      rows.flush();
      position = next;
    },
    reset() {
      rows.drop();
      heads.clear();
      position = null;
    },
  };
}

/** Rows that go into one statement; saves a quarter of what single rows cost. */
const ROWS_AT_ONCE = 8;
const COLUMNS = 13;

interface RowInserter {
  add(...row: SQLInputValue[]): void;
  flush(): void;
  drop(): void;
}

function createRowInserter(db: DatabaseSync): RowInserter {
  const single = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  const insertOne = db.prepare("INSERT INTO run_events VALUES ".concat(single));
  const insertMany = db.prepare("INSERT INTO run_events VALUES ".concat(Array(ROWS_AT_ONCE).fill(single).join(", ")));
  let values: SQLInputValue[] = [];
  return {
    add(...row) {
      values.push(...row);
      if (values.length < ROWS_AT_ONCE * COLUMNS) return;
      insertMany.run(...values);
      values = [];
    },
    flush() {
      for (let from = 0; from < values.length; from += COLUMNS) insertOne.run(...values.slice(from, from + COLUMNS));
      values = [];
    },
    drop() {
      values = [];
    },
  };
}

function misfit(run: string, entry: EntryColumns, last: number): InvariantError {
  if (entry.seq > last + 1) return new InvariantError("INV_JOURNAL_GAP", { run, seq: last + 1 });
  return new InvariantError("INV_ENTRY_REFUSED", { run, seq: entry.seq, actor: entry.actor, problem: `the journal is at ${last} already` });
}

const NO_DATA: JsonObject = {};

function toCanonical(entry: EntryColumns): { columns: EntryColumns; data: JsonObject } {
  if (entry.data === "{}") return { columns: entry, data: NO_DATA };
  const data: unknown = JSON.parse(entry.data);
  if (!isJsonObject(data))
    throw new InvariantError("INV_ENTRY_REFUSED", { seq: entry.seq, actor: entry.actor, problem: "its data is no object" });
  const text = toCanonicalText(data, entry.data);
  return { columns: text === entry.data ? entry : { ...entry, data: text }, data };
}
