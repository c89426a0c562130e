/** Steps that wait for somebody, found by their rows; what they wait for stands in the last entry that brought them there. */
import type { DatabaseSync } from "node:sqlite";
import type { RunId, StepId } from "../../core/ids.ts";
import { isJsonObject } from "../../core/json.ts";
import type { Parking } from "../../plan/parking.ts";
import type { ParkedRow, StoreReader } from "../../ports/store.ts";
import { createQuery } from "./query.ts";
import { parseObject, type Row } from "./rows.ts";

const OF_TENANT = "top_state IN ('pending', 'running', 'quarantined') AND tenant = ?";
const WITH_RUNS = "steps CROSS JOIN run_states USING (run) CROSS JOIN run_starts USING (run) CROSS JOIN journals USING (run)";

export function createAttentionQuery(db: DatabaseSync): Pick<StoreReader, "parked" | "quarantined"> {
  const parked = createQuery(
    db,
    `SELECT id, step_id, attempt, steps.due_at, (
         SELECT data FROM run_events
         WHERE run_events.run = steps.run AND actor = step_id AND to_state = 'running.parked' ORDER BY seq DESC LIMIT 1
       ) AS data
     FROM ${WITH_RUNS} WHERE parked_on = ? AND ${OF_TENANT} ORDER BY run, step_id LIMIT ?`,
  );
  const quarantined = createQuery(
    db,
    `SELECT id, workflow, step_id, attempt, (
         SELECT at FROM run_events WHERE run_events.run = steps.run AND actor = step_id AND to_state = 'quarantined' AND from_state <> 'quarantined'
         ORDER BY seq DESC LIMIT 1
       ) AS since
     FROM ${WITH_RUNS} WHERE steps.state = 'quarantined' AND ${OF_TENANT} ORDER BY run, step_id LIMIT ?`,
  );
  return {
    parked: (tenant, kind, limit) => parked.all(kind, tenant, limit).map(toParked),
    quarantined: (tenant, limit) =>
      quarantined.all(tenant, limit).map(({ id, workflow, step_id, attempt, since }) => ({
        runId: String(id) as RunId, // Ids are branded as they were written.
        workflow: String(workflow),
        step: String(step_id) as StepId,
        attempt: Number(attempt),
        since: Number(since),
      })),
  };
}

function toParked({ id, step_id, attempt, due_at, data }: Row): ParkedRow {
  const runId = String(id) as RunId;
  const { until } = parseObject(data, `entry of ${step_id}`, runId);
  const parking = isJsonObject(until) ? until.parking : null;
  return {
    runId,
    step: String(step_id) as StepId,
    attempt: Number(attempt),
    parking: parking as unknown as Parking, // The statement asks for its kind; the kernel wrote it as one.
    dueAt: due_at === null ? null : Number(due_at),
  };
}
