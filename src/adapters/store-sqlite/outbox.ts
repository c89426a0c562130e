/** Writes notifications: what was decided together with the cursor, what became of it afterwards. Inside the caller's transaction. */
import type { DatabaseSync } from "node:sqlite";
import type { DropCount, Fold, NewDelivery, NotifyCursor, Settlement } from "../../ports/outbox.ts";

/** As it crosses the thread border. */
export interface DecisionOrder {
  readonly epoch: number;
  readonly cursor: NotifyCursor;
  readonly added: readonly (Omit<NewDelivery, "facts" | "gathers"> & { readonly facts: string; readonly gathers: number })[];
  readonly folds: readonly (Omit<Fold, "facts"> & { readonly facts: string })[];
  readonly drops: readonly DropCount[];
  readonly at: number;
  readonly bound: number;
}

export interface SettleOrder {
  readonly epoch: number;
  readonly settled: readonly Settlement[];
}

export interface RetryOrder {
  readonly id: string | null;
  readonly at: number;
}

/** Ended ones that are kept for `troupe notify log`. */
const ENDED_KEPT = 10_000;

const COUNT = `INSERT INTO notify_counts VALUES (?, ?, ?)
  ON CONFLICT (channel, outcome) DO UPDATE SET count = count + excluded.count`;

export function keepDecisions(db: DatabaseSync, { cursor, added, folds, drops, at, bound }: DecisionOrder): void {
  const insert = db.prepare(
    `INSERT INTO notifications (id, rule, channel, tenant, run_id, type, action, thread, scope, window_at, gathers, state, facts, at, due_at, ended_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  );
  for (const one of added) {
    const { id, rule, channel, tenant, run, type, action, thread, scope, windowAt, gathers, state, facts, at: since, dueAt } = one;
    const endedAt = state === "pending" ? null : at;
    insert.run(id, rule, channel, tenant, run, type, action, thread, scope, windowAt, gathers, state, facts, since, dueAt, endedAt);
  }
  const fold = db.prepare("UPDATE notifications SET events = events + ?, facts = ? WHERE id = ? AND state = 'pending'");
  for (const { id, events, facts } of folds) fold.run(events, facts, id);
  const count = db.prepare(COUNT);
  for (const one of drops) count.run(one.channel, "dropped", one.count);
  for (const rule of new Set(added.map((one) => one.rule))) dropBeyond(db, rule, bound, at);
  db.prepare(
    "INSERT INTO notify_cursor VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET position = excluded.position, audit = excluded.audit",
  ).run(cursor.position, cursor.audit);
  if (added.length > 0) forgetOld(db);
}

/** Who waits longest has told least: the newest say what is wrong now. */
function dropBeyond(db: DatabaseSync, rule: string, bound: number, at: number): void {
  const oldest = db
    .prepare(
      "SELECT number, channel, events FROM notifications WHERE rule = ? AND state = 'pending' ORDER BY number DESC LIMIT -1 OFFSET ?",
    )
    .all(rule, bound);
  const drop = db.prepare("UPDATE notifications SET state = 'dropped', ended_at = ?, error = 'too many were waiting' WHERE number = ?");
  const count = db.prepare(COUNT);
  for (const { number, channel } of oldest) {
    drop.run(at, number as number); // Integer and text by the table.
    count.run(channel as string, "dropped", 1);
  }
}

function forgetOld(db: DatabaseSync): void {
  db.prepare(
    `DELETE FROM notifications WHERE state <> 'pending'
       AND number <= (SELECT number FROM notifications WHERE state <> 'pending' ORDER BY number DESC LIMIT 1 OFFSET ?)`,
  ).run(ENDED_KEPT);
}

export function settleDeliveries(db: DatabaseSync, { settled }: SettleOrder): void {
  const settle = db.prepare(
    `UPDATE notifications SET state = ?, attempts = ?, due_at = ?, error = ?, ended_at = ? WHERE id = ? AND state = 'pending' RETURNING channel`,
  );
  const count = db.prepare(COUNT);
  for (const { id, state, attempts, at, dueAt, error } of settled) {
    const row = settle.get(state, attempts, dueAt, error, state === "pending" ? null : at, id);
    if (row !== undefined) count.run(String(row.channel), state === "pending" ? "retried" : state, 1);
  }
}

/** They are as new: their age counts from now. */
export function retryDeliveries(db: DatabaseSync, { id, at }: RetryOrder): number {
  const again =
    "UPDATE notifications SET state = 'pending', attempts = 0, at = ?, due_at = ?, ended_at = NULL WHERE state IN ('failed', 'dropped')";
  const { changes } = id === null ? db.prepare(again).run(at, at) : db.prepare(again.concat(" AND id = ?")).run(at, at, id);
  return Number(changes);
}
