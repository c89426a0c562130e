/** Statements prepared at their first use, whose failures are errors of ours. */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { toStoreError } from "./failure.ts";
import type { Row } from "./rows.ts";

export interface Query {
  one(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
}

/** @throws TransientError STORE_BUSY; FencedError STORE_UNUSABLE */
export function createQuery(db: DatabaseSync, sql: string): Query {
  let statement: StatementSync | undefined;
  const ask = <TResult>(read: (statement: StatementSync) => TResult): TResult => {
    try {
      statement ??= db.prepare(sql);
      return read(statement);
    } catch (error) {
      throw toStoreError(error);
    }
  };
  return { one: (...values) => ask((ready) => ready.get(...values)), all: (...values) => ask((ready) => ready.all(...values)) };
}
