/** Schedules of deployed workflows and what became of each of their slots (TR1, TR2). */
import type { DatabaseSync } from "node:sqlite";
import type { Digest, RunId, TenantId } from "../../core/ids.ts";
import type { JsonObject } from "../../core/json.ts";
import type {
  NewSlot,
  ScheduleKey,
  ScheduleRow,
  ScheduleStop,
  SettledSlot,
  SlotDecisions,
  SlotOutcome,
  SlotRow,
  StopKind,
  TriggeredWorkflow,
  TriggerStore,
} from "../../ports/triggers.ts";
import { appendAudit } from "./audit.ts";
import { createQuery } from "./query.ts";
import { parseObject, type Row } from "./rows.ts";

/** Slots kept of each schedule; older ones are final and nobody asks for them. A slot a minute makes this 16 hours. */
const SLOTS_KEPT = 1_000;
const OLDEST_KEPT = SLOTS_KEPT - 1;

export interface DecideOrder extends SlotDecisions {
  readonly epoch: number;
}
export interface SettleOrder {
  readonly epoch: number;
  readonly slots: readonly SettledSlot[];
}
export interface StopOrder {
  readonly schedule: Omit<ScheduleRow, "stop">;
  readonly stop: Omit<ScheduleStop, "at"> | null;
  readonly by: string;
  readonly at: number;
}

const OF_KEY = "tenant = ? AND workflow = ? AND schedule = ?";

/** Inside the caller's transaction. */
export function decideSlots(db: DatabaseSync, { gone, schedules, slots, decidedAt }: DecideOrder): readonly NewSlot[] {
  const remove = db.prepare(`DELETE FROM schedules WHERE ${OF_KEY} AND stopped IS NULL`);
  for (const { tenant, workflow, schedule } of gone) remove.run(tenant, workflow, schedule);
  const put = db.prepare(
    `INSERT INTO schedules (tenant, workflow, schedule, rule, decided_until) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET rule = excluded.rule, decided_until = excluded.decided_until`,
  );
  for (const { tenant, workflow, schedule, rule, decidedUntil } of schedules) put.run(tenant, workflow, schedule, rule, decidedUntil);
  const insert = db.prepare("INSERT INTO schedule_slots VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?) ON CONFLICT DO NOTHING");
  const forget = db.prepare(
    `DELETE FROM schedule_slots WHERE ${OF_KEY} AND outcome NOT IN ('due', 'queued') AND slot_at <
       (SELECT slot_at FROM schedule_slots WHERE ${OF_KEY} ORDER BY slot_at DESC LIMIT 1 OFFSET ${OLDEST_KEPT})`,
  );
  return slots.filter(({ tenant, workflow, schedule, slotAt, outcome, version, reason }) => {
    const { changes } = insert.run(tenant, workflow, schedule, slotAt, outcome, version, reason, decidedAt);
    if (changes === 1) forget.run(tenant, workflow, schedule, tenant, workflow, schedule);
    return changes === 1;
  });
}

/** Inside the caller's transaction. */
export function settleSlots(db: DatabaseSync, { slots }: SettleOrder): void {
  const update = db.prepare(
    `UPDATE schedule_slots SET outcome = ?, run = ?, reason = ? WHERE ${OF_KEY} AND slot_at = ? AND outcome IN ('due', 'queued')`,
  );
  for (const { tenant, workflow, schedule, slotAt, outcome, run, reason } of slots)
    update.run(outcome, run, reason, tenant, workflow, schedule, slotAt);
}

/** Inside the caller's transaction. */
export function stopSchedule(db: DatabaseSync, { schedule: row, stop, by, at }: StopOrder): boolean {
  const { tenant, workflow, schedule, rule, decidedUntil } = row;
  const before = db.prepare(`SELECT stopped FROM schedules WHERE ${OF_KEY}`).get(tenant, workflow, schedule);
  if ((before?.stopped ?? null) === (stop?.kind ?? null)) return false;
  const what = stop === null ? "schedule.resumed" : `schedule.${stop.kind}`;
  const data: JsonObject = { tenant, workflow, schedule, reason: stop?.reason ?? null };
  const revision = appendAudit(db, at, { actor: by, what, data });
  db.prepare(
    `INSERT INTO schedules VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET rule = excluded.rule, decided_until = excluded.decided_until, stopped = excluded.stopped,
       stopped_by = excluded.stopped_by, stopped_at = excluded.stopped_at, reason = excluded.reason, revision = excluded.revision`,
  ).run(
    tenant,
    workflow,
    schedule,
    rule,
    decidedUntil,
    stop?.kind ?? null,
    stop?.by ?? null,
    stop === null ? null : at,
    stop?.reason ?? null,
    revision,
  );
  return true;
}

type Reading = Pick<TriggerStore, "triggered" | "triggersRevision" | "schedules" | "slots" | "openSlots" | "startedBy">;

export function createSchedulesQuery(db: DatabaseSync): Reading {
  const triggered = createQuery(
    db,
    `SELECT tenant, deployments.name, hash, at, document -> '$.on' AS triggers,
       (SELECT min(at) FROM deployments AS past WHERE past.tenant = deployments.tenant AND past.name = deployments.name AND revision > (
          SELECT coalesce(max(revision), 0) FROM deployments AS act
          WHERE act.tenant = deployments.tenant AND act.name = deployments.name AND act.definition IS NULL)) AS since
     FROM deployments JOIN definitions ON hash = definition
     WHERE revision IN (SELECT max(revision) FROM deployments GROUP BY tenant, name) AND document -> '$.on' IS NOT NULL`,
  );
  const revision = createQuery(
    db,
    "SELECT max((SELECT coalesce(max(revision), 0) FROM deployments), (SELECT coalesce(max(revision), 0) FROM schedules)) AS revision",
  );
  const schedules = createQuery(db, "SELECT * FROM schedules");
  const slots = createQuery(db, `SELECT * FROM schedule_slots WHERE ${OF_KEY} ORDER BY slot_at DESC LIMIT ?`);
  const open = createQuery(
    db,
    "SELECT * FROM schedule_slots WHERE outcome IN ('due', 'queued') ORDER BY slot_at, tenant, workflow, schedule",
  );
  const started = createQuery(
    db,
    `SELECT run FROM schedule_slots WHERE ${OF_KEY} AND outcome = 'started' AND run IS NOT NULL ORDER BY slot_at DESC LIMIT ?`,
  );
  return {
    triggered: () => triggered.all().map(toTriggered),
    triggersRevision: () => Number(revision.one()?.revision ?? 0),
    schedules: () => schedules.all().map(toSchedule),
    slots: ({ tenant, workflow, schedule }, limit) => slots.all(tenant, workflow, schedule, limit).map(toSlot),
    openSlots: () => open.all().map(toSlot),
    startedBy: ({ tenant, workflow, schedule }, limit) =>
      started.all(tenant, workflow, schedule, limit).map(({ run }) => String(run) as RunId), // Written as one.
  };
}

function toTriggered(row: Row): TriggeredWorkflow {
  const name = String(row.name);
  return {
    tenant: String(row.tenant) as TenantId,
    name,
    version: String(row.hash) as Digest,
    deployedAt: Number(row.at),
    deployedSince: Number(row.since),
    on: parseObject(row.triggers, "triggers", name),
  };
}

function toKey({ tenant, workflow, schedule }: Row): ScheduleKey {
  return { tenant: String(tenant) as TenantId, workflow: String(workflow), schedule: String(schedule) };
}

/** STRICT columns and a CHECK vouch for the types; ids are branded as they were written. */
function toSchedule(row: Row): ScheduleRow {
  const { stopped, stopped_by: by, stopped_at: at, reason } = row;
  return {
    ...toKey(row),
    rule: String(row.rule),
    decidedUntil: Number(row.decided_until),
    stop:
      stopped === null
        ? null
        : { kind: stopped as StopKind, by: String(by), at: Number(at), reason: reason === null ? null : String(reason) },
  };
}

function toSlot(row: Row): SlotRow {
  return {
    ...toKey(row),
    slotAt: Number(row.slot_at),
    outcome: row.outcome as SlotOutcome,
    version: String(row.definition) as Digest,
    run: row.run === null ? null : (String(row.run) as RunId),
    reason: row.reason === null ? null : String(row.reason),
    decidedAt: Number(row.decided_at),
  };
}
