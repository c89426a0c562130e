/** How many runs and steps are where, counted through indexes: only runs that have not ended are looked at. */
import type { DatabaseSync } from "node:sqlite";
import type { StoreReader } from "../../ports/store.ts";
import { createQuery, type Query } from "./query.ts";

/** `?1` is a tenant, or null for all of them. */
const OF_TENANT = "top_state IN ('pending', 'running', 'quarantined') AND (?1 IS NULL OR tenant = ?1)";

export function createCensusQuery(db: DatabaseSync): StoreReader["census"] {
  const runs = createQuery(
    db,
    `SELECT state, count(*) AS runs FROM run_states CROSS JOIN run_starts USING (run) WHERE ${OF_TENANT} GROUP BY state ORDER BY state`,
  );
  const stepsThat = (wait: string): Query =>
    createQuery(
      db,
      `SELECT count(*) AS steps FROM steps CROSS JOIN run_states USING (run) CROSS JOIN run_starts USING (run) WHERE ${wait} AND ${OF_TENANT}`,
    );
  const quarantined = stepsThat("steps.state = 'quarantined'");
  const approvals = stepsThat("parked_on = 'approval'");
  return (tenant) => ({
    runs: new Map(runs.all(tenant ?? null).map((row) => [String(row.state), Number(row.runs)])),
    quarantinedSteps: Number(quarantined.one(tenant ?? null)?.steps),
    pendingApprovals: Number(approvals.one(tenant ?? null)?.steps),
  });
}
