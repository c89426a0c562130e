/** Turns committed entries into spans that have ended, with what is unusual about them, and hands them on. */
import type { RunId } from "../src/core/ids.ts";
import type { AttemptRequest } from "../src/ports/attempt.ts";
import type { CommittedEntry, ObservedRun, Observer } from "../src/ports/observer.ts";
import type { StoreReader } from "../src/ports/store.ts";
import { RunWatches, type WatchedRun } from "./anomaly-runs.ts";
import type { Budget } from "./budget.ts";
import { entriesOf, isRunEnd } from "./run-entries.ts";
import { RunSpans } from "./spans.ts";
import type { Entry } from "./spans-entry.ts";
import { attemptSpanId } from "./spans-ids.ts";
import type { TracingSdk } from "./tracing-sdk.ts";

export interface TracingObserverOptions {
  readonly sdk: TracingSdk;
  readonly store: Pick<StoreReader, "entries" | "samples">;
  readonly budget: Budget;
  /** A run will not be traced, since the budget is spent. */
  readonly leftOut: () => void;
}

interface TracedRun {
  readonly spans: RunSpans;
  readonly watched: WatchedRun;
}

export class TracingObserver implements Observer {
  readonly name = "tracing";
  readonly #sdk: TracingSdk;
  readonly #store: Pick<StoreReader, "entries" | "samples">;
  readonly #budget: Budget;
  readonly #leftOut: () => void;
  readonly #watches: RunWatches;
  /** Runs that go on; null for those that are left out. */
  readonly #runs = new Map<RunId, TracedRun | null>();

  constructor({ sdk, store, budget, leftOut }: TracingObserverOptions) {
    this.#sdk = sdk;
    this.#store = store;
    this.#watches = new RunWatches(store);
    this.#budget = budget;
    this.#leftOut = leftOut;
  }

  committed(batch: readonly CommittedEntry[]): void {
    const begin = performance.now();
    this.#take(batch);
    this.#budget.spend(performance.now() - begin);
  }

  #take(batch: readonly CommittedEntry[]): void {
    let owner: ObservedRun | null = null;
    let traced: TracedRun | null = null;
    for (const { run, entry } of batch) {
      if (run !== owner) {
        const known = this.#runs.get(run.runId);
        traced = known === undefined ? this.#meet(run, entry) : known;
        owner = run;
      }
      if (traced !== null) this.#tell(run, traced, entry);
      if (!isRunEnd(entry)) continue;
      this.#forget(run, traced, entry);
      owner = null;
    }
  }

  /**
   * A run that is met in its middle was begun by another engine, which may have died before its spans were sent. They are made and sent
   * again: the same ids, times and texts, so that a collector that has them already sees nothing new.
   */
  #meet(run: ObservedRun, entry: Entry): TracedRun | null {
    const traced = this.#admits(run, entry.seq) ? this.#follow(run, entry) : null;
    this.#runs.set(run.runId, traced);
    return traced;
  }

  #follow(run: ObservedRun, { seq, at }: Entry): TracedRun {
    const spans = new RunSpans(run);
    if (seq === 1) return { spans, watched: this.#watches.begin(run, at) };
    let traced: TracedRun | null = null;
    for (const earlier of entriesOf(this.#store, run.runId, seq - 1)) {
      traced ??= { spans, watched: this.#watches.resume(run, earlier.at) };
      this.#tell(run, traced, earlier);
    }
    return traced ?? { spans, watched: this.#watches.resume(run, at) };
  }

  #forget(run: ObservedRun, traced: TracedRun | null, { at }: Entry): void {
    this.#runs.delete(run.runId);
    if (traced === null) this.#watches.leftOut(run);
    else this.#watches.end(run, traced.watched, at);
  }

  /** A run is followed whole or not at all. One that was begun by another engine is, since its trace may be waiting for its end. */
  #admits(run: ObservedRun, seq: number): boolean {
    if (seq === 1 && this.#budget.isSpent) {
      this.#leftOut();
      return false;
    }
    return this.#sdk.samples(run);
  }

  /** Spans that a function starts by the OpenTelemetry API appear below its attempt. */
  enclose<TAnswer>({ step, attempt, ...run }: AttemptRequest, work: () => TAnswer): TAnswer {
    if (this.#runs.get(run.runId) === null) return this.#sdk.apart(work);
    return this.#sdk.within(run, attemptSpanId(run, step.id, attempt), work);
  }

  #tell(run: ObservedRun, { spans, watched }: TracedRun, entry: Entry): void {
    for (const span of spans.take(entry, watched.watch.see(entry))) this.#sdk.emit(run, span);
  }
}
