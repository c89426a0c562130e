/**
 * When runs and steps under way began and asked for their places: what durations are measured from. Runs that this process did not see
 * begin are looked up in the store, so that a duration spans the restart in its middle.
 */

import type { RunId } from "../../src/core/ids.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { ObservedRun } from "../../src/ports/observer.ts";
import type { StoreReader } from "../../src/ports/store.ts";
import { entriesOf } from "../run-entries.ts";
import { objectIn, textIn } from "../spans-entry.ts";

/** Nothing to tell, or nobody knows. A number like the others, so that a time needs no object of its own. */
export const UNKNOWN = 0;

/** Epoch milliseconds; steps by their index in the definition, as far as they have begun. */
export interface RunTimes {
  startedAt: number;
  readonly queuedAt: number[];
  readonly stepStartedAt: number[];
  /** When a person was asked, by step; null in nearly all runs. */
  askedAt: Map<string, number> | null;
  /** Items of fan-outs have their times behind those of the steps, in the order in which they turn up. */
  itemPositions: Map<string, number> | null;
}

/** Runs that rest are remembered too. Beyond this many, those that began first are forgotten, and looked up when they move. */
const RUNS_MAX = 50_000;

export type TimesReader = Pick<StoreReader, "run" | "steps" | "entries">;

export class RunTimesBook {
  readonly #reader: TimesReader | null;
  readonly #runs = new Map<RunId, RunTimes>();
  /** Those among them whose beginning this process has not seen, or has forgotten. */
  readonly #lookedUp = new Set<RunId>();

  constructor(reader: TimesReader | null) {
    this.#reader = reader;
  }

  /** @param isNew this is the run's first entry, so that nothing can be known of it. */
  of(run: ObservedRun, isNew: boolean): RunTimes {
    const known = this.#runs.get(run.runId);
    if (known !== undefined) return known;
    const times: RunTimes = { startedAt: UNKNOWN, queuedAt: [], stepStartedAt: [], askedAt: null, itemPositions: null };
    if (!isNew) this.#lookUp(run, times);
    if (this.#runs.size >= RUNS_MAX) this.#forgetOldest();
    this.#runs.set(run.runId, times);
    return times;
  }

  /**
   * When a person was asked about this step, which has its answer now; null where it waited for something else. An earlier engine may have
   * asked: then the journal says when.
   */
  takeAskedAt({ runId }: ObservedRun, { askedAt }: RunTimes, step: string, seq: number): number | null {
    const known = askedAt?.get(step);
    if (known !== undefined) {
      askedAt?.delete(step);
      return known;
    }
    if (!this.#lookedUp.has(runId)) return null;
    let found: number | null = null;
    try {
      for (const entry of this.#reader === null ? [] : entriesOf(this.#reader, runId, seq - 1)) {
        if (entry.actor === step && entry.type === "step.waiting") found = isApproval(entry.data) ? entry.at : null;
      }
    } catch {
      // As above: it costs one observation.
    }
    return found;
  }

  forget(runId: RunId): void {
    this.#runs.delete(runId);
    this.#lookedUp.delete(runId);
  }

  #lookUp({ runId, definition }: ObservedRun, times: RunTimes): void {
    this.#lookedUp.add(runId);
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
      this.forget(runId);
      return;
    }
  }
}

export function isApproval(data: JsonObject): boolean {
  return textIn(objectIn(objectIn(data, "until"), "parking"), "kind") === "approval";
}
