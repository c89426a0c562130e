/**
 * Those who wait for a fact about a run. While the engine is here, its committed entries wake those whom they concern, so a thousand
 * waiters cost nothing; while it is elsewhere, one look at the store every now and then serves them all.
 */
import { isTroupeError, toError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import type { Observer } from "../ports/observer.ts";
import type { Store } from "../ports/store.ts";

interface Waiter {
  readonly isTrue: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const LOOK_EVERY_MS = 25;
/** How often a process that is not the owner looks whether the owner has gone. */
const OWN_EVERY_MS = 250;

export class Waiters {
  readonly #store: Store;
  readonly #tryToOwn: () => Promise<void>;
  readonly #byRun = new Map<RunId, Set<Waiter>>();
  #polling: Disposable | null = null;
  #isLocal = false;
  #ending: Error | null = null;

  constructor(store: Store, tryToOwn: () => Promise<void>) {
    this.#store = store;
    this.#tryToOwn = tryToOwn;
  }

  /** To be told of every committed batch while the engine is here. */
  readonly observer: Observer = {
    name: "waiters",
    committed: (batch) => {
      for (const { run, entry } of batch) if (entry.actor === "run") this.#look(run.runId);
    },
  };

  /** Resolves when `isTrue` says so; it is asked again whenever the run has moved. */
  until(runId: RunId, isTrue: () => boolean): Promise<void> {
    if (this.#ending !== null) return Promise.reject(this.#ending);
    if (isTrue()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiters = this.#byRun.get(runId) ?? new Set();
      this.#byRun.set(runId, waiters.add({ isTrue, resolve, reject }));
      this.#poll();
    });
  }

  /** The engine has come here. Who waits already may wait for a letter to be taken, which no entry tells of: they are still polled for. */
  becameLocal(): void {
    this.#isLocal = true;
    this.#lookAtAll();
  }

  /** Nothing will be driven here any more. */
  end(error: Error): void {
    this.#ending = error;
    this.#stopPolling();
    for (const waiters of this.#byRun.values()) for (const { reject } of waiters) reject(error);
    this.#byRun.clear();
  }

  #look(runId: RunId): void {
    const waiters = this.#byRun.get(runId);
    if (waiters === undefined) return;
    for (const waiter of waiters) {
      try {
        if (!waiter.isTrue()) continue;
        waiter.resolve();
      } catch (thrown) {
        const error = toError(thrown);
        if (isTroupeError(error) && error.kind === "transient") {
          setTimeout(() => this.#look(runId), OWN_EVERY_MS);
          continue;
        }
        waiter.reject(error); // Nobody would ever tell it otherwise.
      }
      waiters.delete(waiter);
    }
    if (waiters.size === 0) this.#byRun.delete(runId);
  }

  #lookAtAll(): void {
    for (const runId of this.#byRun.keys()) this.#look(runId);
    if (this.#isLocal && this.#byRun.size === 0) this.#stopPolling();
  }

  #stopPolling(): void {
    this.#polling?.[Symbol.dispose]();
    this.#polling = null;
  }

  #poll(): void {
    if (this.#isLocal || this.#polling !== null) return;
    const watch = this.#store.watch(() => this.#lookAtAll(), LOOK_EVERY_MS);
    const timer = setInterval(() => {
      this.#lookAtAll();
      if (!this.#isLocal) this.#tryToOwn().catch((thrown: unknown) => this.end(toError(thrown)));
    }, OWN_EVERY_MS);
    this.#polling = {
      [Symbol.dispose]() {
        clearInterval(timer);
        watch[Symbol.dispose]();
      },
    };
  }
}
