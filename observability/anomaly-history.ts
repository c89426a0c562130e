/** What is known of a workflow's ended runs while an engine goes on: read from the store once, then kept up to date in memory. */
import type { TenantId } from "../src/core/ids.ts";
import type { RunSample, StoreReader } from "../src/ports/store.ts";
import { HISTORY_RUNS_MAX } from "./anomaly-baseline.ts";

/** Bounds memory; a workflow that falls out is read again. */
const WORKFLOWS_MAX = 256;
/** Some more than are used, since those that ended in the millisecond in which a run is created do not count for it. */
const RUNS_KEPT = HISTORY_RUNS_MAX + 14;

export interface WorkflowName {
  readonly tenant: TenantId;
  readonly workflow: string;
}

export interface Histories {
  /** Runs that had ended when a run is created, the one created last first. Asked in the order in which runs are created. */
  before(name: WorkflowName, createdAt: number): readonly RunSample[];
  /** A run has ended. */
  add(name: WorkflowName, sample: RunSample): void;
}

export function createHistories(store: Pick<StoreReader, "samples">): Histories {
  const kept = new Map<string, readonly RunSample[]>();
  // Tenants never see each other's runs (T6).
  const keyOf = ({ tenant, workflow }: WorkflowName): string => `${tenant}\n${workflow}`;

  function keep(key: string, samples: readonly RunSample[]): void {
    kept.delete(key);
    kept.set(key, samples);
    const oldest = kept.keys().next();
    if (kept.size > WORKFLOWS_MAX && !oldest.done) kept.delete(oldest.value);
  }

  return {
    before(name, createdAt) {
      const key = keyOf(name);
      // What ended in this very millisecond is kept for those who come later.
      const samples = kept.get(key) ?? store.samples({ ...name, before: null, endedBefore: createdAt + 1, limit: RUNS_KEPT });
      keep(key, samples);
      return samples.filter(({ endedAt }) => endedAt < createdAt).slice(0, HISTORY_RUNS_MAX);
    },
    add(name, sample) {
      const key = keyOf(name);
      const samples = kept.get(key);
      // Whoever asks for the first time reads this one from the store.
      if (samples === undefined || samples.some(({ runId }) => runId === sample.runId)) return;
      const place = samples.findIndex(({ createdAt }) => createdAt <= sample.createdAt);
      keep(key, samples.toSpliced(place < 0 ? samples.length : place, 0, sample).slice(0, RUNS_KEPT));
    },
  };
}
