/** Live timers in due order; every branch walks an index and stops at its limit. */
import type { DatabaseSync } from "node:sqlite";
import type { StoreReader } from "../../ports/store.ts";
import { createQuery } from "./query.ts";
import { toTimer } from "./rows.ts";

export function createTimersQuery(db: DatabaseSync): Pick<StoreReader, "dueTimers" | "nextDueAt"> {
  const due = createQuery(
    db,
    `SELECT id, actor, timer, due_at FROM (
       SELECT * FROM (SELECT run, 'run' AS actor, timer, due_at FROM run_states WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2)
       UNION ALL
       SELECT * FROM (SELECT run, step_id, timer, due_at FROM steps WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2)
     ) JOIN journals USING (run) ORDER BY due_at, run, actor LIMIT ?2`,
  );
  // By run first: an engine that drives a few runs does not look at the timers of all others.
  const dueOf = createQuery(
    db,
    `SELECT id, actor, timer, due_at FROM (
       SELECT journals.id, journals.run, 'run' AS actor, timer, due_at
       FROM json_each(?1) CROSS JOIN journals ON journals.id = value CROSS JOIN run_states ON run_states.run = journals.run WHERE due_at <= ?2
       UNION ALL
       SELECT journals.id, journals.run, step_id, timer, due_at
       FROM json_each(?1) CROSS JOIN journals ON journals.id = value CROSS JOIN steps ON steps.run = journals.run WHERE due_at <= ?2
     ) ORDER BY due_at, run, actor LIMIT ?3`,
  );
  const next = createQuery(
    db,
    `SELECT min(due) AS due FROM (SELECT (SELECT min(due_at) FROM steps WHERE due_at IS NOT NULL) AS due
     UNION ALL SELECT (SELECT min(due_at) FROM run_states WHERE due_at IS NOT NULL))`,
  );
  return {
    dueTimers: (until, limit, runs) => (runs === null ? due.all(until, limit) : dueOf.all(JSON.stringify(runs), until, limit)).map(toTimer),
    nextDueAt(runs) {
      const at = runs === null ? next.one()?.due : dueOf.one(JSON.stringify(runs), Number.MAX_SAFE_INTEGER, 1)?.due_at;
      return typeof at === "number" ? at : null;
    },
  };
}
