/** How many runs and steps are where, counted through indexes: only runs that have not ended are looked at. */
import type { DatabaseSync } from "node:sqlite";
import type { StoreReader } from "../../ports/store.ts";
import { createQuery } from "./query.ts";

/** `?1` is a tenant, or null for all of them. */
const OF_TENANT = "top_state IN ('pending', 'running', 'quarantined') AND (?1 IS NULL OR tenant = ?1)";

export function createCensusQuery(db: DatabaseSync): StoreReader["census"] {
  const runs = createQuery(
    db,
    `SELECT state, count(*) AS runs FROM run_states CROSS JOIN run_starts USING (run) WHERE ${OF_TENANT} GROUP BY state ORDER BY state`,
  );
  const steps = createQuery(
    db,
    `SELECT count(*) AS steps FROM run_states CROSS JOIN run_starts USING (run) CROSS JOIN steps USING (run)
     WHERE ${OF_TENANT} AND steps.state = 'quarantined'`,
  );
  // What a step waits for stands in the entry that parked it, the last one of its actor while it does.
  const approvals = createQuery(
    db,
    `SELECT count(*) AS steps FROM run_events AS asked
     WHERE run IN (
         SELECT run FROM run_states CROSS JOIN run_starts USING (run) CROSS JOIN steps USING (run)
         WHERE ${OF_TENANT} AND steps.state = 'running.parked'
       )
       AND consumed = 'attempt.parked' AND to_state = 'running.parked' AND data ->> '$.until.parking.kind' = 'approval'
       AND NOT EXISTS (SELECT 1 FROM run_events AS later WHERE later.run = asked.run AND later.seq > asked.seq AND later.actor = asked.actor)`,
  );
  return (tenant) => ({
    runs: new Map(runs.all(tenant ?? null).map((row) => [String(row.state), Number(row.runs)])),
    quarantinedSteps: Number(steps.one(tenant ?? null)?.steps),
    pendingApprovals: Number(approvals.one(tenant ?? null)?.steps),
  });
}
