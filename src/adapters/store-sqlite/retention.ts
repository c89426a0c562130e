/** Removes old runs that have ended, whole and in one transaction each time, so that a crash in the middle is invisible (I-45). */
import type { DatabaseSync } from "node:sqlite";
import { appendAudit } from "./audit.ts";
import { inTransaction } from "./transaction.ts";

/** Runs removed by one transaction; bounds how long a writer waits. */
const RUNS_PER_TRANSACTION = 50;

export interface PruneOrder {
  readonly at: number;
  readonly actor: string;
  /** Runs that ended before this many milliseconds ago may go. */
  readonly olderThanMs: number;
  /** The newest so many ended runs stay in any case. */
  readonly keep: number;
}

export interface PruneResult {
  readonly runs: number;
  readonly entries: number;
  readonly blobs: number;
}

export function pruneRuns(db: DatabaseSync, order: PruneOrder): PruneResult {
  const total = { runs: 0, entries: 0, blobs: 0 };
  for (;;) {
    const removed = inTransaction(db, () => pruneSome(db, order));
    total.runs += removed.runs;
    total.entries += removed.entries;
    total.blobs += removed.blobs;
    if (removed.runs < RUNS_PER_TRANSACTION) return total;
  }
}

function pruneSome(db: DatabaseSync, { at, actor, olderThanMs, keep }: PruneOrder): PruneResult {
  const chosen = db.prepare(
    `INSERT INTO retention SELECT run, id FROM run_states JOIN journals USING (run)
     WHERE top_state IN ('succeeded', 'failed', 'canceled') AND ended_at < ?
       AND run NOT IN (SELECT run FROM run_states WHERE top_state IN ('succeeded', 'failed', 'canceled') ORDER BY run DESC LIMIT ?)
     ORDER BY run LIMIT ?`,
  );
  const runs = Number(chosen.run(at - olderThanMs, keep, RUNS_PER_TRANSACTION).changes);
  if (runs === 0) return { runs: 0, entries: 0, blobs: 0 };
  const heads = db
    .prepare(
      `SELECT id, (SELECT hash FROM run_events WHERE run_events.run = retention.run ORDER BY seq DESC LIMIT 1) AS hash FROM retention ORDER BY run`,
    )
    .all();
  db.exec("UPDATE watermark SET position = max(position, (SELECT max(position) FROM run_events))");
  // Blobs that nobody else uses go first, while their uses are still known.
  const blobs = db
    .prepare(
      `DELETE FROM blobs WHERE hash IN (SELECT hash FROM blob_uses WHERE run IN (SELECT run FROM retention))
       AND NOT EXISTS (SELECT 1 FROM blob_uses WHERE blob_uses.hash = blobs.hash AND run NOT IN (SELECT run FROM retention))`,
    )
    .run();
  db.exec(`DELETE FROM blob_uses WHERE run IN (SELECT run FROM retention);
    DELETE FROM step_attempts WHERE run IN (SELECT run FROM retention);
    DELETE FROM steps WHERE run IN (SELECT run FROM retention);
    DELETE FROM run_states WHERE run IN (SELECT run FROM retention);
    DELETE FROM run_starts WHERE run IN (SELECT run FROM retention);
    DELETE FROM mailbox WHERE run_id IN (SELECT id FROM retention)`);
  const entries = db.prepare("DELETE FROM run_events WHERE run IN (SELECT run FROM retention)").run();
  db.exec("DELETE FROM journals WHERE run IN (SELECT run FROM retention); DELETE FROM retention");
  const removed = { runs, entries: Number(entries.changes), blobs: Number(blobs.changes) };
  // The hashes stay: whoever kept an export of a removed run can still prove it.
  appendAudit(db, at, {
    actor,
    what: "runs.pruned",
    data: { ...removed, heads: heads.map((row) => ({ run: String(row.id), hash: String(row.hash) })) },
  });
  return removed;
}
