/** Moves of circuit breakers: notes in the audit log, which are truth, and one row a breaker, which is its last note. */
import type { DatabaseSync } from "node:sqlite";
import { InvariantError } from "../../core/errors.ts";
import type { TenantId } from "../../core/ids.ts";
import { canonicalJson, isJsonObject, type JsonObject } from "../../core/json.ts";
import { type BreakerState, parseBreakerState, toBreakerActor } from "../../kernel/breaker.ts";
import type { BreakerRow } from "../../ports/breaker.ts";
import { type AuditNote, appendAudit } from "./audit.ts";
import { createQuery } from "./query.ts";
import { parseObject, type Row } from "./rows.ts";

/** A move as it crosses the thread border. */
export interface BreakerOrder {
  readonly tenant: string;
  readonly target: string;
  /** `breaker.opened` … */
  readonly what: string;
  readonly on: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly context: JsonObject;
  readonly at: number;
  /** An engine, which must own the store, or a person. */
  readonly by: number | string;
}

const PUT = `INSERT INTO breakers VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, target) DO UPDATE SET
  state = excluded.state, context = excluded.context, changed_at = excluded.changed_at, changed_by = excluded.changed_by,
  revision = excluded.revision`;

/** Inside the caller's transaction. */
export function keepBreaker(db: DatabaseSync, { what, at, by, tenant, target, on, from, to, context }: BreakerOrder): void {
  const actor = typeof by === "number" ? `engine ${by}` : by;
  const note: AuditNote = { actor, what, data: { tenant, target, on, from, to, context } };
  const revision = appendAudit(db, at, note);
  db.prepare(PUT).run(tenant, target, to, canonicalJson(context), at, actor, revision);
}

/** Makes the rows anew from the audit log, inside the caller's transaction. @throws InvariantError INV_ROW_UNREADABLE */
export function rebuildBreakers(db: DatabaseSync): void {
  const put = db.prepare(PUT);
  const notes = db.prepare("SELECT * FROM audit WHERE what >= 'breaker.' AND what < 'breaker/' ORDER BY id");
  for (const { id, at, actor, data } of notes.all()) {
    const { tenant, target, to, context } = parseObject(data, `note ${id}`, "the audit log");
    put.run(String(tenant), String(target), String(to), canonicalJson(context ?? {}), Number(at), String(actor), Number(id));
  }
}

export function createBreakersQuery(db: DatabaseSync): (afterRevision: number) => readonly BreakerRow[] {
  const rows = createQuery(db, "SELECT * FROM breakers WHERE revision > ? ORDER BY revision");
  return (afterRevision) => rows.all(afterRevision).map(parseBreaker);
}

function parseBreaker(row: Row): BreakerRow {
  const target = String(row.target);
  const state = parseBreakerState(row.state);
  if (state === null) throw new InvariantError("INV_ROW_UNREADABLE", { row: "breaker", of: target, problem: `its state is ${row.state}` });
  const context = parseObject(row.context, "breaker", target);
  return {
    tenant: String(row.tenant) as TenantId, // Written as one.
    target,
    actor: toBreakerActor(state, isJsonObject(context) ? context : {}),
    changedAt: Number(row.changed_at),
    changedBy: String(row.changed_by),
    revision: Number(row.revision),
  };
}
