/** Makes every derived row anew from the journals and the audit log, in one transaction (F-33). */
import type { DatabaseSync } from "node:sqlite";
import { appendAudit } from "./audit.ts";
import { rebuildBreakers } from "./breakers.ts";
import { createDerivedRows } from "./derived.ts";
import type { EntryColumns } from "./entry-text.ts";
import { createChanges, project } from "./projection.ts";
import { parseObject } from "./rows.ts";
import { DERIVED_TABLES } from "./schema.ts";
import { inTransaction } from "./transaction.ts";

/** Entries projected at a time; bounds memory. */
const CHUNK = 1_000;

export interface RebuildOrder {
  readonly at: number;
  readonly actor: string;
}

/** Returns how many runs were rebuilt. @throws InvariantError INV_ROW_UNREADABLE */
export function rebuildDerived(db: DatabaseSync, { at, actor }: RebuildOrder): number {
  const statements: Record<(typeof DERIVED_TABLES)[number], string> = {
    blob_uses: "DELETE FROM blob_uses",
    step_attempts: "DELETE FROM step_attempts",
    steps: "DELETE FROM steps",
    run_states: "DELETE FROM run_states",
    run_starts: "DELETE FROM run_starts",
    breakers: "DELETE FROM breakers",
  };
  const read = db.prepare(
    `SELECT position, run, seq, actor, type, consumed, from_state, to_state, data, cause_id, at, epoch
     FROM run_events WHERE position > ? ORDER BY position LIMIT ?`,
  );
  return inTransaction(db, () => {
    for (const table of DERIVED_TABLES) db.exec(statements[table]);
    const derived = createDerivedRows(db);
    let after = 0;
    for (;;) {
      const rows = read.all(after, CHUNK);
      const changes = createChanges();
      for (const row of rows) {
        const entry = toColumns(row);
        project(changes, Number(row.run), entry, parseObject(entry.data, "entry", `run number ${row.run}`), Number(row.epoch));
        after = Number(row.position);
      }
      derived.apply(changes);
      if (rows.length < CHUNK) break;
    }
    rebuildBreakers(db);
    const runs = Number(db.prepare("SELECT count(*) AS runs FROM run_starts").get()?.runs);
    appendAudit(db, at, { actor, what: "store.rebuilt", data: { runs } });
    return runs;
  });
}

export function toColumns(row: Record<string, unknown>): EntryColumns {
  return {
    seq: Number(row.seq),
    actor: String(row.actor),
    type: String(row.type),
    on: String(row.consumed),
    from: String(row.from_state),
    to: String(row.to_state),
    data: String(row.data),
    causeId: String(row.cause_id),
    at: Number(row.at),
  };
}
