/**
 * The reading side over one connection. Reads of one run fail on a row that cannot be parsed; reads across runs leave such a row
 * out, so that it holds up nobody else (S-48).
 */
import type { DatabaseSync } from "node:sqlite";
import type { RunId } from "../../core/ids.ts";
import type { Moves, StoreReader } from "../../ports/store.ts";
import { createAttentionQuery } from "./attention-query.ts";
import { createCensusQuery } from "./census-query.ts";
import { createCostsQuery } from "./costs-query.ts";
import { readHistory } from "./history.ts";
import { createQuery, type Query } from "./query.ts";
import {
  parseAttempt,
  parseBlob,
  parseDefinition,
  parseEntry,
  parseLetter,
  parseListing,
  parseRun,
  parseStoredEntry,
  type Row,
  toLetterFate,
  toStep,
} from "./rows.ts";
import { createRunsQuery } from "./runs-query.ts";
import { createSamplesQuery } from "./samples-query.ts";
import { createTimersQuery } from "./timers-query.ts";
import { createUsageQuery } from "./usage-query.ts";

/** Sorts after every character that an id may hold. */
const AFTER_ALL = "\u{10FFFF}";

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
  const attemptsOf = q(
    `SELECT id, step_attempts.* FROM journals JOIN step_attempts USING (run) WHERE id = ? AND step_id IN (SELECT value FROM json_each(?))
     ORDER BY started_at, step_id, item_key, attempt`,
  );
  const entries = q("SELECT run_events.* FROM journals JOIN run_events USING (run) WHERE id = ? AND seq > ? ORDER BY seq LIMIT ?");
  const entryHash = q("SELECT hash FROM journals JOIN run_events USING (run) WHERE id = ? AND seq = ?");
  const tail = q(
    `SELECT run_events.*, id, tenant FROM run_events JOIN journals USING (run) JOIN run_starts USING (run)
     WHERE position > ? ORDER BY position LIMIT ?`,
  );
  const placed = q(
    `SELECT run_events.*, id, tenant FROM journals JOIN run_events USING (run) JOIN run_starts USING (run)
     WHERE id = ? AND seq > ? ORDER BY seq LIMIT ?`,
  );
  const moves = q(
    `SELECT id, max(seq) AS seq, max(position) AS position FROM run_events JOIN journals USING (run)
     WHERE position > ? GROUP BY run`,
  );
  const lastPosition = q("SELECT max((SELECT coalesce(max(position), 0) FROM run_events), (SELECT position FROM watermark)) AS last");
  const definition = q("SELECT * FROM definitions WHERE hash = ?");
  const definitionsOf = q("SELECT * FROM definitions WHERE name = ? ORDER BY created_at DESC, hash");
  const blob = q("SELECT text FROM blobs WHERE hash = ?");
  const letters = q("SELECT * FROM mailbox WHERE taken = 0 ORDER BY id LIMIT ?");
  const letterFate = q("SELECT taken, refusal FROM mailbox WHERE id = ?");
  const epoch = q("SELECT max(epoch) AS latest FROM engines");
  const timers = createTimersQuery(db);
  const unfinished = q("SELECT id FROM run_states JOIN journals USING (run) WHERE top_state IN ('pending', 'running') ORDER BY run");
  const active = q(
    `SELECT id FROM run_states JOIN journals USING (run)
     WHERE top_state IN ('pending', 'running', 'quarantined') AND (steps_active > 0 OR top_state = 'pending' OR state = 'running.finishing')
     ORDER BY run`,
  );
  const ids = (rows: readonly Row[]): readonly RunId[] => rows.map((row) => String(row.id) as RunId);

  return {
    run: (id) => mapOne(run.one(id), parseRun),
    runs: (filter) => parseReadable(runs(filter), parseListing),
    runIds: (prefix, limit) => ids(runIds.all(prefix, prefix + AFTER_ALL, limit)),
    steps: (id) => steps.all(id).map(toStep),
    attempts: (id, of) => (of === undefined ? attempts.all(id) : attemptsOf.all(id, JSON.stringify(of))).map(parseAttempt),
    entries: (id, afterSeq, limit) => entries.all(id, afterSeq, limit).map((row) => parseEntry(row, id)),
    entryHash: (id, seq) => mapOne(entryHash.one(id, seq), ({ hash }) => String(hash)),
    tail: (afterPosition, limit) => parseReadable(tail.all(afterPosition, limit), parseStoredEntry),
    placedEntries: (id, afterSeq, limit) => placed.all(id, afterSeq, limit).map(parseStoredEntry),
    moves: (afterPosition) => toMoves(moves.all(afterPosition), afterPosition),
    lastPosition: () => Number(lastPosition.one()?.last),
    definition: (hash) => mapOne(definition.one(hash), parseDefinition),
    definitionsOf: (name) => parseReadable(definitionsOf.all(name), parseDefinition),
    blob: (ref) => parseBlob(blob.one(ref.$blob), ref),
    letters: (limit) => parseReadable(letters.all(limit), parseLetter),
    epoch: () => Number(epoch.one()?.latest ?? 0),
    letterFate: (id) => toLetterFate(letterFate.one(id), id),
    ...timers,
    unfinishedRuns: () => ids(unfinished.all()),
    activeRuns: () => ids(active.all()),
    ...createAttentionQuery(db),
    census: createCensusQuery(db),
    usageSince: createUsageQuery(db),
    costs: createCostsQuery(db),
    history: (workflow, tenant) => readHistory(db, workflow, tenant ?? null),
    samples: createSamplesQuery(db),
  };
}

function toMoves(rows: readonly Row[], afterPosition: number): Moves {
  return {
    position: rows.reduce((last, { position }) => Math.max(last, Number(position)), afterPosition),
    lastSeqs: new Map(rows.map(({ id, seq }) => [String(id) as RunId, Number(seq)])), // They come from journals.
  };
}

function mapOne<TValue>(row: Row | undefined, parse: (row: Row) => TValue): TValue | null {
  return row === undefined ? null : parse(row);
}
