/** Turns committed entries into spans that have ended, and hands them on. */
import type { RunId } from "../src/core/ids.ts";
import type { AttemptRequest } from "../src/ports/attempt.ts";
import type { CommittedEntry, ObservedRun, Observer } from "../src/ports/observer.ts";
import type { StoreReader } from "../src/ports/store.ts";
import type { Budget } from "./budget.ts";
import { entriesOf, isRunEnd } from "./run-entries.ts";
import { RunSpans } from "./spans.ts";
import { attemptSpanId } from "./spans-ids.ts";
import type { TracingSdk } from "./tracing-sdk.ts";

export interface TracingObserverOptions {
  readonly sdk: TracingSdk;
  readonly store: Pick<StoreReader, "entries">;
  readonly budget: Budget;
  /** A run will not be traced, since the budget is spent. */
  readonly leftOut: () => void;
}

export class TracingObserver implements Observer {
  readonly name = "tracing";
  readonly #sdk: TracingSdk;
  readonly #store: Pick<StoreReader, "entries">;
  readonly #budget: Budget;
  readonly #leftOut: () => void;
  /** Runs that go on; null for those that are left out. */
  readonly #runs = new Map<RunId, RunSpans | null>();

  constructor({ sdk, store, budget, leftOut }: TracingObserverOptions) {
    this.#sdk = sdk;
    this.#store = store;
    this.#budget = budget;
    this.#leftOut = leftOut;
  }

  committed(batch: readonly CommittedEntry[]): void {
    const begin = performance.now();
    this.#take(batch);
    this.#budget.spend(performance.now() - begin);
  }

  #take(batch: readonly CommittedEntry[]): void {
    for (const { run, entry } of batch) {
      const spans = this.#runs.has(run.runId) ? this.#runs.get(run.runId) : this.#meet(run, entry.seq);
      if (spans) this.#tell(run, spans, entry);
      if (isRunEnd(entry)) this.#runs.delete(run.runId);
    }
  }

  /**
   * A run that is met in its middle was begun by another engine, which may have died before its spans were sent. They are made and sent
   * again: the same ids, times and texts, so that a collector that has them already sees nothing new.
   */
  #meet(run: ObservedRun, seq: number): RunSpans | null {
    const spans = this.#admits(run, seq) ? new RunSpans(run) : null;
    this.#runs.set(run.runId, spans);
    if (spans !== null) for (const entry of entriesOf(this.#store, run.runId, seq - 1)) this.#tell(run, spans, entry);
    return spans;
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

  #tell(run: ObservedRun, spans: RunSpans, entry: CommittedEntry["entry"]): void {
    for (const span of spans.take(entry)) this.#sdk.emit(run, span);
  }
}
