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

/** What one branch walks, newest first: an index that holds the run's number behind what it looks for. */
const WALKS = {
  all: { from: "run_starts", run: "run_starts.run" },
  state: { from: "run_states CROSS JOIN run_starts USING (run)", run: "run_states.run" },
} as const;

function composeBranch(kind: keyof typeof WALKS, { workflow, tenant, before }: RunFilter): string {
  const { from, run } = WALKS[kind];
  const conditions = [
    ...(kind === "state" ? ["top_state = ?"] : []),
    ...(workflow === undefined ? [] : ["workflow = ?"]),
    ...(tenant === undefined ? [] : ["tenant = ?"]),
    ...(before === undefined ? [] : [[run, "<", BEFORE].join(" ")]),
  ];
  const where = conditions.length > 0 ? ["WHERE", conditions.join(" AND ")] : [];
  return ["SELECT * FROM (SELECT", run, "FROM", from, ...where, "ORDER BY", run, "DESC LIMIT ?)"].join(" ");
}

function composeRunsQuery(filter: RunFilter): { sql: string; values: SQLInputValue[] } {
  const { states = [], workflow, tenant, before, limit } = filter;
  const bound = [workflow, tenant, before, before].filter((value) => value !== undefined);
  const branches = states.length === 0 ? [composeBranch("all", filter)] : states.map(() => composeBranch("state", filter));
  const values = states.length === 0 ? [...bound, limit] : states.flatMap((state) => [state, ...bound, limit]);
  const sql = ["SELECT * FROM runs WHERE run IN (", branches.join(" UNION ALL "), ") ORDER BY run DESC LIMIT ?"].join("");
  return { sql, values: [...values, limit] };
}
