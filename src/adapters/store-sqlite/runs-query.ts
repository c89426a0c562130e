/** Pages of runs: chosen by number through an index, whatever the filter, and only then joined (I-44). Fixed fragments only (S-30). */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { RunFilter } from "../../ports/store.ts";
import { createQuery, type Query } from "./query.ts";
import type { Row } from "./rows.ts";
import { createRunTimes } from "./run-times.ts";

/** Numbers run in the order of creation. A run that retention has removed stands before the next older id. */
const BEFORE = "coalesce((SELECT run FROM journals WHERE id = ?), (SELECT run + 1 FROM journals WHERE id < ? ORDER BY id DESC LIMIT 1), 0)";

/** Names are found by jumping from one to the next in their index: there are few, however many runs there are. */
const NAMES = `
  WITH RECURSIVE names (name) AS (
    SELECT min(workflow) FROM run_starts
    UNION ALL SELECT (SELECT min(workflow) FROM run_starts WHERE workflow > name) FROM names WHERE name IS NOT NULL
  ) SELECT name FROM names WHERE instr(lower(name), lower(?)) > 0`;
/** Beyond, many runs match, so that walking all of them soon fills a page. */
const NAMES_WALKED_ALONE = 20;
/** Inputs and outputs are left where they are. */
const LISTING = `SELECT run, id, tenant, workflow, definition, state, priority, parent, created_at, started_at, ended_at, cost_nanos, steps_total,
  steps_done, last_seq FROM runs `;
/** Sorts after every character of an id. */
const AFTER_ALL = "\u{10FFFF}";

export function createRunsQuery(db: DatabaseSync): (filter: RunFilter) => Row[] {
  const prepared = new Map<string, Query>();
  const names = createQuery(db, NAMES);
  const times = createRunTimes(db);
  return (filter) => {
    const { createdFrom, createdBefore, text, workflow } = filter;
    const found = text === undefined ? null : names.all(text).map(({ name }) => String(name));
    const { sql, values } = composeRunsQuery(filter, {
      range: createdFrom === undefined && createdBefore === undefined ? null : times.between(createdFrom, createdBefore),
      names: found === null || workflow === undefined ? found : found.filter((name) => name === workflow),
    });
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

interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

const condition = (sql: string, ...values: readonly SQLInputValue[]): Condition => ({ sql, values });

interface Found {
  /** First and last number of the runs that were created in the time asked for. */
  readonly range: readonly [number, number] | null;
  /** Workflows whose names hold the text asked for. */
  readonly names: readonly string[] | null;
}

function composeBranch(kind: keyof typeof WALKS, conditions: readonly Condition[], limit: number): Condition {
  const { from, run } = WALKS[kind];
  const where = conditions.length > 0 ? ["WHERE", conditions.map(({ sql }) => sql).join(" AND ")] : [];
  const sql = ["SELECT * FROM (SELECT", run, "AS run FROM", from, ...where, "ORDER BY", run, "DESC LIMIT ?)"].join(" ");
  return { sql, values: [...conditions.flatMap(({ values }) => values), limit] };
}

function composeRunsQuery(filter: RunFilter, { range, names }: Found): Condition {
  const { states = [], tenant, before, createdFrom, createdBefore, limit } = filter;
  const common = (run: string): Condition[] => [
    ...(tenant === undefined ? [] : [condition("tenant = ?", tenant)]),
    ...(before === undefined ? [] : [condition([run, "<", BEFORE].join(" "), before, before)]),
    ...(range === null ? [] : [condition([run, "BETWEEN ? AND ?"].join(" "), ...range)]),
    ...(createdFrom === undefined ? [] : [condition("created_at >= ?", createdFrom)]),
    ...(createdBefore === undefined ? [] : [condition("created_at < ?", createdBefore)]),
  ];
  const branches = (states.length === 0 ? [null] : states).flatMap((state) => {
    const kind = state === null ? "all" : "state";
    const own = [...(state === null ? [] : [condition("top_state = ?", state)])];
    return waysTo(filter, names, WALKS[kind].run).map((way) => composeBranch(kind, [...own, ...way, ...common(WALKS[kind].run)], limit));
  });
  const sql = [LISTING, "WHERE run IN (", branches.map((branch) => branch.sql).join(" UNION ALL "), ") ORDER BY run DESC LIMIT ?"];
  return { sql: sql.join(""), values: [...branches.flatMap(({ values }) => values), limit] };
}

/** The end of an id, as people are shown it. */
const SHORT_ID = /^[0-9a-f]{4,}$/;

/** By workflow, where one is asked for; for a text by each workflow that it names, and by the ids that begin or end with it. */
function waysTo({ workflow, text }: RunFilter, names: readonly string[] | null, run: string): readonly (readonly Condition[])[] {
  if (names === null || text === undefined) return [workflow === undefined ? [] : [condition("workflow = ?", workflow)]];
  const byName =
    names.length <= NAMES_WALKED_ALONE
      ? names.map((name) => [condition("workflow = ?", name)])
      : [[condition("workflow IN (SELECT value FROM json_each(?))", JSON.stringify(names))]];
  const prefix = text.startsWith("run_") ? text : ["run_", text].join("");
  const byId = condition([run, "IN (SELECT run FROM journals WHERE id >= ? AND id < ?)"].join(" "), prefix, prefix + AFTER_ALL);
  // No index helps with ends: a look at every id, a millisecond for ten thousand.
  const byEnd = condition([run, "IN (SELECT run FROM journals WHERE substr(id, ?) = ?)"].join(" "), -text.length, text);
  const byIds = SHORT_ID.test(text) ? [byId, byEnd] : [byId];
  const ofWorkflow = workflow === undefined ? [] : [condition("workflow = ?", workflow)];
  return [...byName, ...byIds.map((way) => [way, ...ofWorkflow])];
}
