/** Pages of runs: chosen by number through an index, whatever the filter, and only then joined (I-44). Fixed fragments only (S-30). */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { RunFilter } from "../../ports/store.ts";
import { createQuery, type Query } from "./query.ts";
import type { Row } from "./rows.ts";

/** Numbers run in the order of creation. A run that retention has removed stands before the next older id. */
const BEFORE = "coalesce((SELECT run FROM journals WHERE id = ?), (SELECT run + 1 FROM journals WHERE id < ? ORDER BY id DESC LIMIT 1), 0)";

export function createRunsQuery(db: DatabaseSync): (filter: RunFilter) => Row[] {
  const prepared = new Map<string, Query>();
  return (filter) => {
    const { sql, values } = composeRunsQuery(filter);
    let query = prepared.get(sql);
    if (query === undefined) {
      query = createQuery(db, sql);
      prepared.set(sql, query);
    }
    return query.all(...values);
  };
}

function composeRunsQuery({ states = [], workflow, tenant, before, limit }: RunFilter): { sql: string; values: SQLInputValue[] } {
  const conditions: string[] = [];
  const bound: SQLInputValue[] = [];
  if (workflow !== undefined) conditions.push("run_starts.workflow = ?") && bound.push(workflow);
  if (tenant !== undefined) conditions.push("run_starts.tenant = ?") && bound.push(tenant);
  if (before !== undefined) conditions.push("run_starts.run < ".concat(BEFORE)) && bound.push(before, before);
  const choose = (from: string, first: readonly string[]): string => {
    const demanded = [...first, ...conditions];
    return [
      "SELECT * FROM (SELECT run_starts.run FROM",
      from,
      demanded.length > 0 ? "WHERE" : "",
      demanded.join(" AND "),
      "ORDER BY run_starts.run DESC LIMIT ?)",
    ].join(" ");
  };
  // One branch a state: each is a walk along the index that stops at the limit.
  const branches =
    states.length === 0
      ? [choose("run_starts", [])]
      : states.map(() => choose("run_states CROSS JOIN run_starts USING (run)", ["top_state = ?"]));
  const values = states.length === 0 ? [...bound, limit] : states.flatMap((state) => [state, ...bound, limit]);
  const sql = ["SELECT * FROM runs WHERE run IN (", branches.join(" UNION ALL "), ") ORDER BY run DESC LIMIT ?"].join("");
  return { sql, values: [...values, limit] };
}
