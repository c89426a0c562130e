/** Transactions, and what a failed one means. */
import type { DatabaseSync } from "node:sqlite";
import { FencedError, InvariantError, toError } from "../../core/errors.ts";
import { isBusy, isFull, toErrcode } from "./failure.ts";

/**
 * Runs `work` in one write transaction.
 *
 * @throws whatever `work` throws, after a rollback.
 * @throws FencedError COMMIT_UNKNOWN when COMMIT itself failed for any reason but BUSY and FULL: the rows may be there after all
 *   (a COMMIT whose fsync failed came back after a restart), so nobody may go on with this store.
 */
export function inTransaction<TResult>(db: DatabaseSync, work: () => TResult): TResult {
  db.exec("BEGIN IMMEDIATE");
  let result: TResult;
  try {
    result = work();
    if (result instanceof Promise) throw new InvariantError("INV_ASYNC_TRANSACTION");
  } catch (error) {
    rollBack(db, error);
    throw error;
  }
  try {
    db.exec("COMMIT");
  } catch (error) {
    if (isBusy(error) || isFull(error)) {
      rollBack(db, error);
      throw error;
    }
    throw commitUnknown(error);
  }
  return result;
}

export function commitUnknown(thrown: unknown, during = ""): FencedError {
  const cause = toError(thrown);
  return new FencedError("COMMIT_UNKNOWN", { problem: cause.message + during, errcode: toErrcode(cause) }, { cause });
}

function rollBack(db: DatabaseSync, because: unknown): void {
  try {
    // SQLite has rolled back by itself after some errors.
    if (db.isTransaction) db.exec("ROLLBACK");
  } catch (error) {
    throw commitUnknown(error, ` (rolling back after: ${toError(because).message})`);
  }
}
