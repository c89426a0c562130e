/** What is known of a workflow's ended runs while an engine goes on: read from the store once, then kept up to date in memory. */
import type { RunId, TenantId } from "../src/core/ids.ts";
import type { RunSample, StoreReader } from "../src/ports/store.ts";
import { historyRuns } from "./anomaly-baseline.ts";

/** Bounds memory; a workflow that falls out is read again. */
const WORKFLOWS_MAX = 256;
/** Some more than are used, since those that ended in the millisecond in which a run is created do not count for it. */
const RUNS_SPARE = 14;

export interface WorkflowName {
  readonly tenant: TenantId;
  readonly workflow: string;
}

/** The run whose history is asked for, and what that depends on. */
export interface HistoryOf extends WorkflowName {
  readonly runId: RunId;
  readonly createdAt: number;
  /** How many steps it has. */
  readonly steps: number;
}

/** The run that each store was asked about last: one command asks for its stream, its summary and its report. */
const latest = new WeakMap<Pick<StoreReader, "samples">, { readonly run: HistoryOf; readonly history: readonly RunSample[] }>();

/** Runs that had ended before a run was created, the one created last first: whenever it is asked, the same. */
export function readHistory(store: Pick<StoreReader, "samples">, run: HistoryOf): readonly RunSample[] {
  const { tenant, workflow, runId, createdAt, steps } = run;
  const known = latest.get(store);
  if (known?.run.runId === runId && known.run.steps === steps) return known.history;
  const history = store.samples({ tenant, workflow, before: runId, endedBefore: createdAt, limit: historyRuns(steps) });
  latest.set(store, { run, history });
  return history;
}

export interface Begun {
  /** Runs that had ended before this one was created, the one created last first. */
  readonly history: readonly RunSample[];
  /** Its place among those that this engine creates. */
  readonly order: number;
}

export interface Histories {
  /** A run with so many steps is created. */
  begin(name: WorkflowName, createdAt: number, steps: number): Begun;
  /** A run has ended. The store is asked again where only it knows the run's place: `order` is null, or from before the last look. */
  end(name: WorkflowName, sample: RunSample, order: number | null): void;
  /** A run has ended that nobody followed: the next one reads the store. */
  forget(name: WorkflowName): void;
}

/** The latest ended runs of one workflow, the one created last first. */
interface Window {
  /** How many runs are kept. */
  readonly length: number;
  /** Runs created up to here had begun when the store was read: what was read stands before all that came later. */
  readonly since: number;
  readonly runs: readonly { readonly sample: RunSample; readonly order: number }[];
}

export function createHistories(store: Pick<StoreReader, "samples">): Histories {
  const windows = new Map<string, Window>();
  let created = 0;
  // Tenants never see each other's runs (T6).
  const keyOf = ({ tenant, workflow }: WorkflowName): string => `${tenant}\n${workflow}`;

  function keep(key: string, window: Window): void {
    windows.delete(key);
    windows.set(key, window);
    const oldest = windows.keys().next();
    if (windows.size > WORKFLOWS_MAX && !oldest.done) windows.delete(oldest.value);
  }

  function read({ tenant, workflow }: WorkflowName, createdAt: number, length: number): Window {
    // What ended in this very millisecond is kept for those who come later.
    const samples = store.samples({ tenant, workflow, before: null, endedBefore: createdAt + 1, limit: length });
    return { length, since: created, runs: samples.map((sample) => ({ sample, order: created })) };
  }

  return {
    begin(name, createdAt, steps) {
      const key = keyOf(name);
      const limit = historyRuns(steps);
      const known = windows.get(key);
      // Another version of the workflow may have fewer steps, and a longer history.
      const window = known !== undefined && known.length >= limit + RUNS_SPARE ? known : read(name, createdAt, limit + RUNS_SPARE);
      keep(key, window);
      created += 1;
      const ended = window.runs.filter(({ sample }) => sample.endedAt < createdAt).slice(0, limit);
      return { history: ended.map(({ sample }) => sample), order: created };
    },
    forget: (name) => void windows.delete(keyOf(name)),
    end(name, sample, order) {
      const key = keyOf(name);
      const window = windows.get(key);
      if (window === undefined) return; // Whoever asks next reads this one from the store.
      const { length, since, runs } = window;
      if (order === null || order <= since) {
        windows.delete(key);
        return;
      }
      // It may have been read already, when it ended in the batch in which the store was.
      if (runs.some((one) => one.sample.runId === sample.runId)) return;
      const place = runs.findIndex((one) => one.order < order);
      const placed = runs.toSpliced(place < 0 ? runs.length : place, 0, { sample, order });
      keep(key, { length, since, runs: placed.slice(0, length) });
    },
  };
}
