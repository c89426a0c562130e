/** What the latest calls of a tool were like, for choosing among tools. */

import type { DatabaseSync } from "node:sqlite";
import type { TenantId } from "../../core/ids.ts";
import { nanosToUsd } from "../../core/usd.ts";
import type { ToolRecord } from "../../plan/select-tool.ts";
import { createQuery } from "./query.ts";

/** Older calls say little of a tool, and this bounds the cost. */
const CALLS_MAX = 100;

const CALLS = `
  SELECT outcome, ended_at - started_at AS took, cost_nanos
  FROM step_attempts CROSS JOIN run_starts USING (run)
  WHERE tool = ? AND outcome IN ('succeeded', 'failed', 'timed_out') AND tenant = ?
  ORDER BY step_attempts.run DESC LIMIT ${CALLS_MAX}`;

export function createToolsQuery(db: DatabaseSync): (tool: string, tenant: TenantId) => ToolRecord {
  const calls = createQuery(db, CALLS);
  return (tool, tenant) => {
    const rows = calls.all(tool, tenant);
    const succeeded = rows.filter(({ outcome }) => outcome === "succeeded");
    const durations = succeeded.map(({ took }) => Math.max(0, Number(took))).sort((one, other) => one - other);
    const costs = rows.flatMap(({ cost_nanos: nanos }) => (typeof nanos === "number" ? [nanosToUsd(nanos)] : []));
    return {
      calls: rows.length,
      successes: succeeded.length,
      p50Ms: durations[Math.floor((durations.length - 1) / 2)] ?? null,
      costUsd: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0) / costs.length,
    };
  };
}
