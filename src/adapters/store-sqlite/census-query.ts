/** How many runs and steps are where, counted through indexes: only runs that have not ended are looked at. */
import type { DatabaseSync } from "node:sqlite";
import type { StoreReader } from "../../ports/store.ts";
import { createQuery } from "./query.ts";

export function createCensusQuery(db: DatabaseSync): StoreReader["census"] {
  const runs = createQuery(
    db,
    "SELECT state, count(*) AS runs FROM run_states WHERE top_state IN ('pending', 'running', 'quarantined') GROUP BY state ORDER BY state",
  );
  const steps = createQuery(
    db,
    `SELECT count(*) AS steps FROM run_states CROSS JOIN steps USING (run)
     WHERE top_state IN ('pending', 'running', 'quarantined') AND steps.state = 'quarantined'`,
  );
  return () => ({
    runs: new Map(runs.all().map((row) => [String(row.state), Number(row.runs)])),
    quarantinedSteps: Number(steps.one()?.steps),
  });
}
