/** Figures of a workflow's ended runs, for baselines: what its steps took when they succeeded. */

import type { DatabaseSync } from "node:sqlite";
import type { RunId } from "../../core/ids.ts";
import { nanosToUsd } from "../../core/usd.ts";
import type { RunSample, SampleQuery, StepFigures } from "../../ports/store.ts";
import { createQuery } from "./query.ts";
import type { Row } from "./rows.ts";

/** Runs by the workflow's index (hence `+tenant`), their steps and attempts by key. A run without a success gives one row without a step.
 * Items of a fan-out (`step[key]`) are left out: there may be any number of them, and their names are data. */
const TIMES = `
  SELECT id, created_at, chosen.ended_at AS run_ended_at, step_id, steps.attempt, steps.cost_nanos, outcome,
    step_attempts.ended_at - step_attempts.started_at AS took
  FROM (
    SELECT run, created_at, ended_at FROM run_starts CROSS JOIN run_states USING (run)
    WHERE workflow = ?1 AND +tenant = ?2 AND run < coalesce((SELECT run FROM journals WHERE id = ?3), 9223372036854775807)
      AND top_state IN ('succeeded', 'failed', 'canceled') AND ended_at < ?4
    ORDER BY run DESC LIMIT ?5
  ) AS chosen CROSS JOIN journals USING (run)
    LEFT JOIN steps ON steps.run = chosen.run AND steps.item_key = '' AND steps.state = 'succeeded' AND instr(steps.step_id, '[') = 0
    LEFT JOIN step_attempts USING (run, step_id, item_key, attempt)
  ORDER BY chosen.run DESC`;

/** The size of an output, and whether it was worked for, are known to its entry alone. Only entries that tell of a success have their payload read. */
const SIZES = `
  SELECT actor, data ->> '$.outcome.output."$blob"' AS blob, data ->> '$.outcome.output.bytes' AS blob_bytes,
    octet_length(data -> '$.outcome.output') AS bytes, data ->> '$.usage.cache.hit' AS hit
  FROM journals CROSS JOIN run_events USING (run) WHERE id = ? AND type = 'step.succeeded'`;

const BLOB_DIGITS = 64;
/** In place of the size of an output that was in the step cache. */
const FROM_CACHE = -1;

export function createSamplesQuery(db: DatabaseSync): (query: SampleQuery) => readonly RunSample[] {
  const times = createQuery(db, TIMES);
  const sizes = createQuery(db, SIZES);
  return ({ tenant, workflow, before, endedBefore, limit }) => {
    const byRun = Map.groupBy(times.all(workflow, tenant, before, endedBefore, limit), (row) => String(row.id) as RunId);
    return [...byRun].map(([runId, rows]) => toSample(runId, rows, toSizes(sizes.all(runId))));
  };
}

function toSample(runId: RunId, rows: readonly Row[], sizes: ReadonlyMap<string, number>): RunSample {
  const steps = rows.flatMap((row): [string, StepFigures][] => {
    // Taken over, given by a person, the fallback of a time-out, or out of the cache: no work of this step.
    if (row.outcome !== "succeeded") return [];
    const step = String(row.step_id);
    const outputBytes = sizes.get(step) ?? 0;
    if (outputBytes === FROM_CACHE) return [];
    const retries = Number(row.attempt) - 1;
    const costUsd = nanosToUsd(Number(row.cost_nanos));
    return [[step, { durationMs: Math.max(0, Number(row.took)), costUsd, retries, outputBytes }]];
  });
  return { runId, createdAt: Number(rows[0]?.created_at), endedAt: Number(rows[0]?.run_ended_at), steps: new Map(steps) };
}

function toSizes(rows: readonly Row[]): ReadonlyMap<string, number> {
  return new Map(
    rows.map(({ actor, blob, blob_bytes, bytes, hit }) => {
      if (Number(hit) === 1) return [String(actor), FROM_CACHE];
      const isBlob = typeof blob === "string" && blob.length === BLOB_DIGITS;
      return [String(actor), Number(isBlob ? blob_bytes : bytes)];
    }),
  );
}
