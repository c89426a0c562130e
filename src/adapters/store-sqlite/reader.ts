/**
 * The reading side over one connection. Reads of one run fail on a row that cannot be parsed; reads across runs leave such a row
 * out, so that it holds up nobody else (S-48).
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { RunId } from "../../core/ids.ts";
import type { RunFilter, StoreReader } from "../../ports/store.ts";
import { toStoreError } from "./failure.ts";
import { readHistory } from "./history.ts";
import {
  parseAttempt,
  parseBlob,
  parseDefinition,
  parseEntry,
  parseLetter,
  parseRun,
  parseStoredEntry,
  type Row,
  toStep,
  toTimer,
} from "./rows.ts";

/** Sorts after every character that an id may hold. */
const AFTER_ALL = "\u{10FFFF}";

export interface Query {
  one(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
}

/** A statement prepared at its first use. @throws TransientError STORE_BUSY; FencedError STORE_UNUSABLE */
export function createQuery(db: DatabaseSync, sql: string): Query {
  let statement: StatementSync | undefined;
  const ask = <TResult>(read: (statement: StatementSync) => TResult): TResult => {
    try {
      statement ??= db.prepare(sql);
      return read(statement);
    } catch (error) {
      throw toStoreError(error);
    }
  };
  return { one: (...values) => ask((ready) => ready.get(...values)), all: (...values) => ask((ready) => ready.all(...values)) };
}

function parseReadable<TValue>(rows: readonly Row[], parse: (row: Row) => TValue): TValue[] {
  const values: TValue[] = [];
  for (const row of rows) {
    try {
      values.push(parse(row));
    } catch {
      // Left out here; a read of that run alone, and `verify`, name it.
    }
  }
  return values;
}

/** Fixed fragments only (S-30). Rows come in the order of creation, newest first, which keeps pages stable under writes (I-44). */
function createRunsQuery(db: DatabaseSync): (filter: RunFilter) => Row[] {
  const prepared = new Map<string, Query>();
  return ({ states = [], workflow, tenant, before, limit }) => {
    const conditions: string[] = [];
    const values: SQLInputValue[] = [];
    const demand = (condition: string, ...bound: SQLInputValue[]): void => {
      conditions.push(condition);
      values.push(...bound);
    };
    if (states.length > 0) demand("top_state IN (SELECT value FROM json_each(?))", JSON.stringify(states));
    if (workflow !== undefined) demand("workflow = ?", workflow);
    if (tenant !== undefined) demand("tenant = ?", tenant);
    if (before !== undefined)
      demand(
        "run < coalesce((SELECT run FROM journals WHERE id = ?), (SELECT run + 1 FROM journals WHERE id < ? ORDER BY id DESC LIMIT 1), 0)",
        before,
        before,
      );
    const sql = ["SELECT * FROM runs", conditions.length > 0 ? "WHERE" : "", conditions.join(" AND "), "ORDER BY run DESC LIMIT ?"].join(
      " ",
    );
    let query = prepared.get(sql);
    if (query === undefined) {
      query = createQuery(db, sql);
      prepared.set(sql, query);
    }
    return query.all(...values, limit);
  };
}

export type TableReader = Omit<StoreReader, "watch">;

export function createReader(db: DatabaseSync): TableReader {
  const q = (sql: string): Query => createQuery(db, sql);
  const run = q("SELECT * FROM runs WHERE id = ?");
  const runs = createRunsQuery(db);
  const runIds = q("SELECT id FROM journals WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?");
  const steps = q("SELECT id, steps.* FROM journals JOIN steps USING (run) WHERE id = ? ORDER BY step_id, item_key");
  const attempts = q(
    "SELECT id, step_attempts.* FROM journals JOIN step_attempts USING (run) WHERE id = ? ORDER BY started_at, step_id, item_key, attempt",
  );
  const entries = q("SELECT run_events.* FROM journals JOIN run_events USING (run) WHERE id = ? AND seq > ? ORDER BY seq LIMIT ?");
  const tail = q(
    `SELECT run_events.*, id, tenant FROM run_events JOIN journals USING (run) JOIN run_starts USING (run)
     WHERE position > ? ORDER BY position LIMIT ?`,
  );
  const lastPosition = q("SELECT max((SELECT coalesce(max(position), 0) FROM run_events), (SELECT position FROM watermark)) AS last");
  const definition = q("SELECT * FROM definitions WHERE hash = ?");
  const definitionsOf = q("SELECT * FROM definitions WHERE name = ? ORDER BY created_at DESC, hash");
  const blob = q("SELECT text FROM blobs WHERE hash = ?");
  const letters = q("SELECT * FROM mailbox WHERE taken = 0 ORDER BY id LIMIT ?");
  const timers = createTimerReader(q);
  const unfinished = q("SELECT id FROM run_states JOIN journals USING (run) WHERE top_state IN ('pending', 'running') ORDER BY run");
  const active = q(
    `SELECT id FROM run_states JOIN journals USING (run)
     WHERE top_state IN ('pending', 'running', 'quarantined') AND (steps_active > 0 OR top_state = 'pending' OR state = 'running.finishing')
     ORDER BY run`,
  );
  const ids = (rows: readonly Row[]): readonly RunId[] => rows.map((row) => String(row.id) as RunId);

  return {
    run: (id) => mapOne(run.one(id), parseRun),
    runs: (filter) => parseReadable(runs(filter), parseRun),
    runIds: (prefix, limit) => ids(runIds.all(prefix, prefix + AFTER_ALL, limit)),
    steps: (id) => steps.all(id).map(toStep),
    attempts: (id) => attempts.all(id).map(parseAttempt),
    entries: (id, afterSeq, limit) => entries.all(id, afterSeq, limit).map((row) => parseEntry(row, id)),
    tail: (afterPosition, limit) => parseReadable(tail.all(afterPosition, limit), parseStoredEntry),
    lastPosition: () => Number(lastPosition.one()?.last),
    definition: (hash) => mapOne(definition.one(hash), parseDefinition),
    definitionsOf: (name) => parseReadable(definitionsOf.all(name), parseDefinition),
    blob: (ref) => parseBlob(blob.one(ref.$blob), ref),
    letters: (limit) => parseReadable(letters.all(limit), parseLetter),
    ...timers,
    unfinishedRuns: () => ids(unfinished.all()),
    activeRuns: () => ids(active.all()),
    history: (workflow) => readHistory(db, workflow),
  };
}

function createTimerReader(q: (sql: string) => Query): Pick<StoreReader, "dueTimers" | "nextDueAt"> {
  const due = q(
    "SELECT id, actor, timer, due_at FROM timers JOIN journals USING (run) WHERE due_at <= ? ORDER BY due_at, run, actor LIMIT ?",
  );
  const dueOf = q(
    `SELECT id, actor, timer, due_at FROM timers JOIN journals USING (run)
     WHERE due_at <= ? AND id IN (SELECT value FROM json_each(?)) ORDER BY due_at, run, actor LIMIT ?`,
  );
  // Two look-ups in the partial indexes, however many timers there are.
  const next = q(
    `SELECT min(due) AS due FROM (SELECT (SELECT min(due_at) FROM steps WHERE due_at IS NOT NULL) AS due
     UNION ALL SELECT (SELECT min(due_at) FROM run_states WHERE due_at IS NOT NULL))`,
  );
  const nextOf = q("SELECT min(due_at) AS due FROM timers JOIN journals USING (run) WHERE id IN (SELECT value FROM json_each(?))");
  return {
    dueTimers: (until, limit, runs) => (runs === null ? due.all(until, limit) : dueOf.all(until, JSON.stringify(runs), limit)).map(toTimer),
    nextDueAt(runs) {
      const row = runs === null ? next.one() : nextOf.one(JSON.stringify(runs));
      return typeof row?.due === "number" ? row.due : null;
    },
  };
}

function mapOne<TValue>(row: Row | undefined, parse: (row: Row) => TValue): TValue | null {
  return row === undefined ? null : parse(row);
}
