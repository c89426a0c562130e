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
  // What a step waits for stands in the last entry that parked it.
  const approvals = createQuery(
    db,
    `SELECT count(*) AS steps FROM run_states CROSS JOIN run_starts USING (run) CROSS JOIN steps USING (run)
     WHERE ${OF_TENANT} AND steps.state = 'running.parked' AND (
         SELECT data ->> '$.until.parking.kind' FROM run_events
         WHERE run_events.run = steps.run AND actor = step_id AND to_state = 'running.parked' ORDER BY seq DESC LIMIT 1
       ) = 'approval'`,
  );
  return (tenant) => ({
    runs: new Map(runs.all(tenant ?? null).map((row) => [String(row.state), Number(row.runs)])),
    quarantinedSteps: Number(steps.one(tenant ?? null)?.steps),
    pendingApprovals: Number(approvals.one(tenant ?? null)?.steps),
  });
}
