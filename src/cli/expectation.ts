/** What a run of a workflow may be expected to take, from its history and from what its author says. */

import { plan } from "../plan/plan.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { StoreReader } from "../ports/store.ts";
import type { Expectation } from "./live/forecast.ts";

export interface Expected {
  /** Ids of steps. */
  readonly waves: readonly (readonly string[])[];
  /** Median durations in milliseconds, of steps with a history. */
  readonly p50Ms: ReadonlyMap<string, number>;
  readonly expectation: Expectation;
}

/** @param workers attempts that may run at once */
export function expectRun(store: Pick<StoreReader, "history">, workflow: CompiledWorkflow, workers: number): Expected {
  const history = new Map(store.history(workflow.name).map(({ step, durationsMs }) => [step, durationsMs]));
  const { steps, waves } = plan(workflow, { workers, history });
  const p50Ms = new Map<string, number>(steps.flatMap(({ id, p50Ms: median }) => (median === undefined ? [] : [[id, median] as const])));
  const declared = workflow.steps.filter(({ cost }) => cost.durationMs !== null).map(({ id }) => id);
  const estimatesMs = new Map<string, number>(steps.map(({ id, estimateMs }) => [id, estimateMs]));
  return { waves, p50Ms, expectation: { workflow, estimatesMs, known: new Set<string>([...p50Ms.keys(), ...declared]), workers } };
}
