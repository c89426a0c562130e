/** Events from outside that were taken, by the id under which they were delivered (TR3). */
import type { DatabaseSync } from "node:sqlite";
import type { Digest, TenantId } from "../../core/ids.ts";
import type { DeliveryKey, DeliveryRow, NewDelivery, TriggerStore } from "../../ports/triggers.ts";
import { createQuery } from "./query.ts";
import { parseObject, type Row } from "./rows.ts";

/** As it crosses the thread border. */
export interface DeliveryText extends Omit<NewDelivery, "plan"> {
  readonly plan: string;
  readonly at: number;
}
export interface AnswerText extends DeliveryKey {
  readonly answer: string;
}

const OF_KEY = "tenant = ? AND event = ? AND delivery = ?";
/** Old ones that are forgotten with each new one: more than come, so that there is an end to them. */
const FORGOTTEN_AT_ONCE = 16;

/** Inside the caller's transaction. */
export function takeEvent(db: DatabaseSync, { tenant, event, delivery, digest, plan, at, keptUntil }: DeliveryText): DeliveryRow | null {
  const before = db.prepare(`SELECT * FROM event_deliveries WHERE ${OF_KEY}`).get(tenant, event, delivery);
  if (before !== undefined) return toDelivery(before as Row);
  db.prepare(
    `DELETE FROM event_deliveries WHERE (tenant, event, delivery) IN
       (SELECT tenant, event, delivery FROM event_deliveries WHERE kept_until < ? AND answer IS NOT NULL ORDER BY kept_until LIMIT ${FORGOTTEN_AT_ONCE})`,
  ).run(at);
  db.prepare("INSERT INTO event_deliveries VALUES (?, ?, ?, ?, ?, NULL, ?, ?)").run(tenant, event, delivery, digest, plan, at, keptUntil);
  return null;
}

/** Inside the caller's transaction. The first answer stays. */
export function settleEvent(db: DatabaseSync, { tenant, event, delivery, answer }: AnswerText): void {
  db.prepare(`UPDATE event_deliveries SET answer = ? WHERE ${OF_KEY} AND answer IS NULL`).run(answer, tenant, event, delivery);
}

export function createDeliveriesQuery(db: DatabaseSync): Pick<TriggerStore, "takenEvent" | "openEvents"> {
  const one = createQuery(db, `SELECT * FROM event_deliveries WHERE ${OF_KEY}`);
  const open = createQuery(db, "SELECT * FROM event_deliveries WHERE answer IS NULL ORDER BY at LIMIT ?");
  return {
    takenEvent({ tenant, event, delivery }) {
      const row = one.one(tenant, event, delivery);
      return row === undefined ? null : toDelivery(row);
    },
    openEvents: (limit) => open.all(limit).map(toDelivery),
  };
}

function toDelivery(row: Row): DeliveryRow {
  const delivery = String(row.delivery);
  return {
    tenant: String(row.tenant) as TenantId,
    event: String(row.event),
    delivery,
    digest: String(row.digest) as Digest,
    plan: parseObject(row.plan, "delivery", delivery),
    answer: row.answer === null ? null : parseObject(row.answer, "answer", delivery),
    at: Number(row.at),
    keptUntil: Number(row.kept_until),
  };
}
