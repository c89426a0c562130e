/** Numbers of the runs that were created in a span of time. */
import type { DatabaseSync } from "node:sqlite";
import { createQuery } from "./query.ts";

export interface RunTimes {
  /** First and last number; the first is above the last where there is none. Epoch milliseconds, the end not included. */
  between(from: number | undefined, before: number | undefined): readonly [number, number];
}

/**
 * Runs are numbered in the order in which they were created, so that a time is found by halving: some twenty look-ups in a million runs, and
 * no index to keep. A clock that was set back hides what was created before it had caught up.
 */
export function createRunTimes(db: DatabaseSync): RunTimes {
  const ends = createQuery(db, "SELECT coalesce(min(run), 0) AS first, coalesce(max(run), -1) AS last FROM run_starts");
  const next = createQuery(db, "SELECT run, created_at FROM run_starts WHERE run >= ? ORDER BY run LIMIT 1");

  /** The first run that was created at this time or later; one behind the last where there is none. */
  function firstFrom(at: number, first: number, last: number): number {
    let [low, high] = [first, last + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = next.one(middle);
      if (row === undefined || Number(row.created_at) >= at) high = middle;
      else low = Number(row.run) + 1;
    }
    return low;
  }

  return {
    between(from, before) {
      const row = ends.one();
      const [first, last] = [Number(row?.first), Number(row?.last)];
      const begin = from === undefined ? first : firstFrom(from, first, last);
      const end = before === undefined ? last : firstFrom(before, first, last) - 1;
      return [begin, end];
    },
  };
}
