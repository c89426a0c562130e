/** What an attempt told of itself, which stands in the entry that ended it. */
import type { DatabaseSync } from "node:sqlite";
import type { StoreReader } from "../../ports/store.ts";
import { createQuery } from "./query.ts";
import { parseObject } from "./rows.ts";

/** Times of a journal rise but for a clock that was set back; that much is looked at before. */
const SLACK_MS = 1_000;

export function createUsageQuery(db: DatabaseSync): StoreReader["usageSince"] {
  const ends = createQuery(db, "SELECT run, max(seq) AS last FROM journals JOIN run_events USING (run) WHERE id = ?");
  const timeOf = createQuery(db, "SELECT at FROM run_events WHERE run = ? AND seq = ?");
  const told = createQuery(
    db,
    `SELECT seq, data -> '$.usage' AS usage FROM run_events
     WHERE run = ? AND seq >= ? AND actor = ? AND at >= ? AND json_valid(data) AND json_type(data, '$.usage') = 'object' ORDER BY seq LIMIT 1`,
  );
  return (id, step, since) => {
    const { run, last } = ends.one(id) ?? {};
    if (typeof run !== "number" || typeof last !== "number") return null;
    // Halved instead of read from its beginning: the journal of ten thousand items has sixty thousand entries.
    let [low, high] = [1, last];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (Number(timeOf.one(run, middle)?.at) >= since - SLACK_MS) high = middle;
      else low = middle + 1;
    }
    const row = told.one(run, low, step, since);
    return row === undefined ? null : parseObject(row.usage, `entry ${row.seq}`, id);
  };
}
