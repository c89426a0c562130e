/** Reads notifications, and the news that they are made from. */
import type { DatabaseSync } from "node:sqlite";
import type { RunId, TenantId } from "../../core/ids.ts";
import type { JsonObject } from "../../core/json.ts";
import { DELIVERY_STATES, type DeliveryRow, type OutboxReader } from "../../ports/outbox.ts";
import type { StoredEntry } from "../../ports/store.ts";
import { createQuery } from "./query.ts";
import { parseObject, parseStoredEntry, type Row } from "./rows.ts";

export function createOutboxQuery(db: DatabaseSync): Omit<OutboxReader, "audits"> {
  const q = (sql: string) => createQuery(db, sql);
  const cursor = q("SELECT position, audit FROM notify_cursor");
  const news = q(
    `SELECT run_events.*, id, tenant FROM run_events JOIN journals USING (run) JOIN run_starts USING (run)
     WHERE position > ? AND position <= ? AND type IN (SELECT value FROM json_each(?)) ORDER BY position LIMIT ?`,
  );
  const due = q(
    `SELECT * FROM notifications AS one WHERE rule = ? AND state = 'pending' AND due_at <= ?
       AND NOT EXISTS (SELECT 1 FROM notifications AS before
         WHERE before.rule = one.rule AND before.thread = one.thread AND before.number < one.number AND before.state = 'pending'
           AND (before.action <> 'trigger' OR one.action <> 'trigger'))
     ORDER BY due_at, number LIMIT ?`,
  );
  const pendingRules = q("SELECT DISTINCT rule FROM notifications WHERE state = 'pending'");
  const nextAt = q("SELECT min(due_at) AS next FROM notifications WHERE state = 'pending' AND due_at > ?");
  const byId = q("SELECT * FROM notifications WHERE id = ?");
  const list = q(
    `SELECT * FROM notifications WHERE (?1 IS NULL OR rule = ?1) AND (?2 IS NULL OR tenant = ?2)
       AND (?3 IS NULL OR state IN (SELECT value FROM json_each(?3))) ORDER BY number DESC LIMIT ?4`,
  );
  const window = q(
    `SELECT window_at, sum(gathers = 0 AND state <> 'grouped') AS messages FROM notifications
     WHERE rule = ?1 AND scope = ?2 AND window_at = (SELECT max(window_at) FROM notifications WHERE rule = ?1 AND scope = ?2) GROUP BY window_at`,
  );
  const latest = q("SELECT * FROM notifications WHERE rule = ? AND thread = ? ORDER BY number DESC LIMIT 1");
  const counts = q(
    `SELECT channel, outcome, count FROM notify_counts
     UNION ALL SELECT channel, 'pending', count(*) FROM notifications WHERE state = 'pending' GROUP BY channel`,
  );
  return {
    notifyCursor() {
      const row = cursor.one();
      return row === undefined ? null : { position: Number(row.position), audit: Number(row.audit) };
    },
    news(after, until, types, limit) {
      const rows = news.all(after, until, JSON.stringify(types), limit);
      return { entries: readable(rows), position: rows.length < limit ? until : Number(rows.at(-1)?.position) };
    },
    dueDeliveries: (rule, now, limit) => due.all(rule, now, limit).map(toDelivery),
    pendingRules: () => pendingRules.all().map((row) => String(row.rule)),
    nextDeliveryAt(after) {
      const next = nextAt.one(after)?.next;
      return typeof next === "number" ? next : null;
    },
    delivery: (id) => mapped(byId.one(id)),
    deliveries: ({ rule = null, tenant = null, states, limit }) =>
      list.all(rule, tenant, states === undefined ? null : JSON.stringify(states), limit).map(toDelivery),
    notifyWindow(rule, scope) {
      const row = window.one(rule, scope);
      return row === undefined ? null : { at: Number(row.window_at), messages: Number(row.messages) };
    },
    latestOfThread: (rule, thread) => mapped(latest.one(rule, thread)),
    deliveryCounts: () =>
      counts.all().map((row) => ({ channel: String(row.channel), outcome: String(row.outcome), count: Number(row.count) })),
  };
}

/** A run whose entry cannot be read is named by `verify`; nobody else waits for it (S-48). */
function readable(rows: readonly Row[]): readonly StoredEntry[] {
  return rows.flatMap((row) => {
    try {
      return [parseStoredEntry(row)];
    } catch {
      return [];
    }
  });
}

function mapped(row: Row | undefined): DeliveryRow | null {
  return row === undefined ? null : toDelivery(row);
}

const ACTIONS = ["trigger", "acknowledge", "resolve"] as const;

/** Total: a bad row is told of as well as it can be, and holds nobody up (S-48). */
function toDelivery(row: Row): DeliveryRow {
  const id = String(row.id);
  return {
    number: Number(row.number),
    id,
    rule: String(row.rule),
    channel: String(row.channel),
    tenant: String(row.tenant) as TenantId,
    run: typeof row.run_id === "string" ? (row.run_id as RunId) : null, // As it was written.
    type: String(row.type),
    action: ACTIONS.find((known) => known === row.action) ?? "trigger",
    thread: String(row.thread),
    scope: String(row.scope),
    windowAt: Number(row.window_at),
    gathers: row.gathers === 1,
    state: DELIVERY_STATES.find((known) => known === row.state) ?? "dropped",
    events: Number(row.events),
    facts: parseFacts(row.facts, id),
    at: Number(row.at),
    dueAt: Number(row.due_at),
    attempts: Number(row.attempts),
    endedAt: typeof row.ended_at === "number" ? row.ended_at : null,
    error: typeof row.error === "string" ? row.error : null,
  };
}

function parseFacts(text: unknown, id: string): JsonObject {
  try {
    return parseObject(text, "notification", id);
  } catch {
    return { what: "Something happened, and what was kept of it cannot be read" };
  }
}
