/** What any process may write: definitions and letters. Both are idempotent, so that a caller may repeat them. */
import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "./transaction.ts";

export interface DefinitionText {
  readonly hash: string;
  readonly name: string;
  readonly document: string;
  readonly file: string;
  readonly createdAt: number;
}

export interface LetterText {
  readonly runId: string;
  readonly causeId: string;
  readonly at: number;
  readonly event: string;
}

export function insertDefinition(db: DatabaseSync, definition: DefinitionText): void {
  inTransaction(db, () => keepDefinition(db, definition));
}

/** Inside the caller's transaction. */
export function keepDefinition(db: DatabaseSync, { hash, name, document, file, createdAt }: DefinitionText): void {
  db.prepare("INSERT INTO definitions VALUES (?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING").run(hash, name, document, file, createdAt);
}

/** Returns the id of the letter, or of the one that came first under this cause id. */
export function insertLetter(db: DatabaseSync, { runId, causeId, at, event }: LetterText): number {
  return inTransaction(db, () => {
    const first = db.prepare("SELECT id FROM mailbox WHERE run_id = ? AND cause_id = ?").get(runId, causeId);
    if (first !== undefined) return Number(first.id);
    const insert = db.prepare("INSERT INTO mailbox (run_id, cause_id, at, event) VALUES (?, ?, ?, ?)");
    return Number(insert.run(runId, causeId, at, event).lastInsertRowid);
  });
}
