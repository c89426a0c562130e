/** Passes committed entries to observers. One that throws is counted, reported once, and harms nobody (I-38). */
import { toError } from "../../core/errors.ts";
import type { CommittedEntry, Observer } from "../../ports/observer.ts";

export interface Publisher {
  publish(entries: readonly CommittedEntry[]): void;
  /** Until disposed. */
  subscribe(observer: Observer): Disposable;
  /** Calls that threw, by observer. */
  failures(): ReadonlyMap<string, number>;
}

export function createPublisher(report: (observer: string, error: Error) => void): Publisher {
  const observers = new Set<Observer>();
  const failures = new Map<string, number>();

  function failed(name: string, thrown: unknown): void {
    const count = failures.get(name) ?? 0;
    failures.set(name, count + 1);
    if (count > 0) return;
    try {
      report(name, toError(thrown));
    } catch {
      // Who cannot be told of it must not harm the run either.
    }
  }

  return {
    publish(entries) {
      for (const observer of observers) {
        try {
          const answer: unknown = observer.committed(entries);
          // An asynchronous one fails later; a rejection that nobody takes would end the process.
          if (answer instanceof Promise) answer.catch((thrown: unknown) => failed(observer.name, thrown));
        } catch (thrown) {
          failed(observer.name, thrown);
        }
      }
    },
    subscribe(observer) {
      observers.add(observer);
      return { [Symbol.dispose]: () => void observers.delete(observer) };
    },
    failures: () => failures,
  };
}
