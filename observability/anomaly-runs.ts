/** The watches of the runs that an engine drives: each against the history that stood when its run was created. */
import type { RunId } from "../src/core/ids.ts";
import type { ObservedRun } from "../src/ports/observer.ts";
import type { StoreReader } from "../src/ports/store.ts";
import { createHistories, type Histories, readHistory } from "./anomaly-history.ts";
import { createRunWatch, type RunWatch } from "./anomaly-watch.ts";

export interface WatchedRun {
  readonly runId: RunId;
  readonly createdAt: number;
  readonly watch: RunWatch;
  /** Its place among the runs that this engine created; null for one of an engine before. */
  readonly order: number | null;
}

export class RunWatches {
  readonly #store: Pick<StoreReader, "samples">;
  readonly #histories: Histories;

  constructor(store: Pick<StoreReader, "samples">) {
    this.#store = store;
    this.#histories = createHistories(store);
  }

  /** A run that is created now. */
  begin(run: ObservedRun, createdAt: number): WatchedRun {
    const { history, order } = this.#histories.begin(run, createdAt, run.definition.steps.length);
    return { runId: run.runId, createdAt, watch: createRunWatch(history), order };
  }

  /** A run that an engine before this one created: its entries are seen again from the first one on. */
  resume({ tenant, workflow, runId, definition }: ObservedRun, createdAt: number): WatchedRun {
    const history = readHistory(this.#store, { tenant, workflow, runId, createdAt, steps: definition.steps.length });
    return { runId, createdAt, watch: createRunWatch(history), order: null };
  }

  end(run: ObservedRun, { runId, createdAt, watch, order }: WatchedRun, endedAt: number): void {
    this.#histories.end(run, { runId, createdAt, endedAt, steps: watch.steps }, order);
  }

  /** A run has ended that nobody watched. */
  leftOut(run: ObservedRun): void {
    this.#histories.forget(run);
  }
}
