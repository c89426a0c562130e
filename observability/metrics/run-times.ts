/**
 * When runs and steps under way began and asked for their places: what durations are measured from. Runs that this process did not see
 * begin are looked up in the store, so that a duration spans the restart in its middle.
 */
import type { RunId } from "../../src/core/ids.ts";
import type { StoreReader } from "../../src/ports/store.ts";

export interface StepTimes {
  /** Epoch milliseconds; null while it does not wait, or where nobody knows. */
  queuedAt: number | null;
  startedAt: number | null;
}

export interface RunTimes {
  startedAt: number | null;
  readonly steps: Map<string, StepTimes>;
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
  of(runId: RunId, isNew: boolean): RunTimes {
    const known = this.#runs.get(runId);
    if (known !== undefined) return known;
    const times: RunTimes = { startedAt: null, steps: new Map() };
    if (!isNew) this.#lookUp(runId, times);
    if (this.#runs.size >= RUNS_MAX) this.#forgetOldest();
    this.#runs.set(runId, times);
    return times;
  }

  forget(runId: RunId): void {
    this.#runs.delete(runId);
  }

  get size(): number {
    return this.#runs.size;
  }

  #lookUp(runId: RunId, times: RunTimes): void {
    try {
      times.startedAt = this.#reader?.run(runId)?.startedAt ?? null;
      for (const { step, startedAt } of this.#reader?.steps(runId) ?? []) times.steps.set(step, { queuedAt: null, startedAt });
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

export function stepTimes({ steps }: RunTimes, step: string): StepTimes {
  const known = steps.get(step);
  if (known !== undefined) return known;
  const times: StepTimes = { queuedAt: null, startedAt: null };
  steps.set(step, times);
  return times;
}
