/**
 * When runs and steps under way began and asked for their places: what durations are measured from. Runs that this process did not see
 * begin are looked up in the store, so that a duration spans the restart in its middle.
 */
import type { RunId } from "../../src/core/ids.ts";
import type { ObservedRun } from "../../src/ports/observer.ts";
import type { StoreReader } from "../../src/ports/store.ts";

/** Nothing to tell, or nobody knows. A number like the others, so that a time needs no object of its own. */
export const UNKNOWN = 0;

/** Epoch milliseconds; steps by their index in the definition, as far as they have begun. */
export interface RunTimes {
  startedAt: number;
  readonly queuedAt: number[];
  readonly stepStartedAt: number[];
}

/** Runs that rest are remembered too. Beyond this many, those that began first are forgotten, and looked up when they move. */
const RUNS_MAX = 50_000;

export type TimesReader = Pick<StoreReader, "run" | "steps">;

export class RunTimesBook {
  readonly #reader: TimesReader | null;
  readonly #runs = new Map<RunId, RunTimes>();

  constructor(reader: TimesReader | null) {
    this.#reader = reader;
  }

  /** @param isNew this is the run's first entry, so that nothing can be known of it. */
  of(run: ObservedRun, isNew: boolean): RunTimes {
    const known = this.#runs.get(run.runId);
    if (known !== undefined) return known;
    const times: RunTimes = { startedAt: UNKNOWN, queuedAt: [], stepStartedAt: [] };
    if (!isNew) this.#lookUp(run, times);
    if (this.#runs.size >= RUNS_MAX) this.#forgetOldest();
    this.#runs.set(run.runId, times);
    return times;
  }

  forget(runId: RunId): void {
    this.#runs.delete(runId);
  }

  #lookUp({ runId, definition }: ObservedRun, times: RunTimes): void {
    try {
      times.startedAt = this.#reader?.run(runId)?.startedAt ?? UNKNOWN;
      for (const { step, startedAt } of this.#reader?.steps(runId) ?? []) {
        const index = definition.indexOf.get(step);
        if (index !== undefined && startedAt !== null) times.stepStartedAt[index] = startedAt;
      }
    } catch {
      // A row that cannot be read costs one observation; whoever reads the run itself is told why.
    }
  }

  #forgetOldest(): void {
    for (const runId of this.#runs.keys()) {
      this.#runs.delete(runId);
      return;
    }
  }
}
