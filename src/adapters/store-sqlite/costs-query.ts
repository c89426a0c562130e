/** What was spent, from the attempts that cost something: an index of their own leads to them by the time they ended. */
import type { DatabaseSync } from "node:sqlite";
import type { Digest } from "../../core/ids.ts";
import { nanosToUsd } from "../../core/usd.ts";
import type { StoreReader } from "../../ports/store.ts";
import { createQuery } from "./query.ts";

/** The name of an item is that of its step and a key in brackets. */
const STEP = "iif(instr(step_id, '[') = 0, step_id, substr(step_id, 1, instr(step_id, '[') - 1))";

export function createCostsQuery(db: DatabaseSync): StoreReader["costs"] {
  const sums = createQuery(
    db,
    `SELECT workflow, definition, ${STEP} AS step, tool, sum(cost_nanos) AS nanos, count(*) AS attempts
     FROM step_attempts INDEXED BY step_attempts_by_cost CROSS JOIN run_starts USING (run)
     WHERE cost_nanos > 0 AND ended_at >= ? AND ended_at < ? AND tenant = ?
     GROUP BY workflow, definition, step, tool ORDER BY workflow, definition, step, tool`,
  );
  return (tenant, from, before) =>
    sums.all(from, before, tenant).map(({ workflow, definition, step, tool, nanos, attempts }) => ({
      workflow: String(workflow),
      definition: String(definition) as Digest, // Written as one.
      step: String(step),
      tool: tool === null ? null : String(tool),
      usd: nanosToUsd(Number(nanos)),
      attempts: Number(attempts),
    }));
}
