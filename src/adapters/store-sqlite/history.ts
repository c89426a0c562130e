/** Durations of a workflow's past steps, for estimates. */
import type { DatabaseSync } from "node:sqlite";
import type { TenantId } from "../../core/ids.ts";
import { isJsonObject } from "../../core/json.ts";
import type { StepHistory } from "../../ports/store.ts";
import { toStoreError } from "./failure.ts";
import { parseObject } from "./rows.ts";

/** Newest runs looked at: bounds the cost whatever the size of the store. */
const RUNS_MAX = 300;
const DURATIONS_MAX = 100;

export function readHistory(db: DatabaseSync, workflow: string, tenant: TenantId | null): readonly StepHistory[] {
  const durations = new Map<string, number[]>();
  try {
    const rows = db
      .prepare(
        `SELECT step_id, ended_at - started_at AS took
         FROM (SELECT run FROM run_starts WHERE workflow = ?1 AND (?2 IS NULL OR tenant = ?2) ORDER BY run DESC LIMIT ?3) JOIN step_attempts USING (run)
         WHERE outcome = 'succeeded' ORDER BY ended_at DESC`,
      )
      .all(workflow, tenant, RUNS_MAX);
    for (const { step_id, took } of rows) {
      const known = durations.get(String(step_id)) ?? [];
      if (known.length < DURATIONS_MAX) known.push(Math.max(0, Number(took)));
      durations.set(String(step_id), known);
    }
    const types = readStepTypes(db, workflow);
    return [...durations].map(([step, durationsMs]) => ({ step, type: types.get(step) ?? "", durationsMs }));
  } catch (error) {
    throw toStoreError(error);
  }
}

/** From the newest version of the workflow; steps that it no longer has stay without a type. */
function readStepTypes(db: DatabaseSync, workflow: string): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  const newest = db.prepare("SELECT document, hash FROM definitions WHERE name = ? ORDER BY created_at DESC LIMIT 1").get(workflow);
  if (newest === undefined) return types;
  const { steps } = parseObject(newest.document, "definition", String(newest.hash));
  for (const step of Array.isArray(steps) ? steps : []) {
    if (isJsonObject(step) && typeof step.id === "string" && typeof step.type === "string") types.set(step.id, step.type);
  }
  return types;
}
