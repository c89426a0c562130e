/** The log of what people and engines did to the store itself; append-only and hash-chained like a journal (S-47). */
import type { DatabaseSync } from "node:sqlite";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import { computeNextHash } from "./entry-text.ts";

/** `h0` of the chain. */
export const AUDIT_SEED = "audit";

export interface AuditNote {
  /** Who: a user, or `engine 7`. */
  readonly actor: string;
  /** What: `engine.takeover`, `runs.pruned` … */
  readonly what: string;
  readonly data: JsonObject;
}

export function toAuditText(id: number, at: number, actor: string, what: string, dataText: string): string {
  return `{"actor":${JSON.stringify(actor)},"at":${at},"data":${dataText},"id":${id},"what":${JSON.stringify(what)}}`;
}

/** Inside the caller's transaction. Returns the note's id. */
export function appendAudit(db: DatabaseSync, at: number, { actor, what, data }: AuditNote): number {
  const last = db.prepare("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1").get();
  const id = last === undefined ? 1 : Number(last.id) + 1;
  const previous = last === undefined ? AUDIT_SEED : String(last.hash);
  const text = canonicalJson(data);
  const hash = computeNextHash(previous, toAuditText(id, at, actor, what, text));
  db.prepare("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)").run(id, at, actor, what, text, hash);
  return id;
}
