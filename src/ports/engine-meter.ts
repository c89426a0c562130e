/** What an engine tells about itself to those who measure it. */
import type { BreakerState } from "./breaker.ts";

/** One moment of an engine; read when somebody asks, so that it costs nothing in between. */
export interface EngineState {
  /** Requests that wait for a place, by priority; the first is priority 1. */
  readonly waiting: readonly number[];
  /** Requests that may wait. */
  readonly queueBound: number;
  /** Attempts that hold a place, and the places there are. */
  readonly running: number;
  readonly limit: number;
  readonly breakers: ReadonlyMap<string, BreakerState>;
  readonly threads: { readonly busy: number; readonly limit: number };
}

export interface EngineMeter {
  /** An engine has opened; until disposed, its state may be asked for. */
  opened(state: () => EngineState): Disposable;
  /** A batch is on disk, this long after it was handed to the store. */
  committed(durationMs: number, entries: number): void;
  breakerChanged(target: string, state: BreakerState): void;
  /** So many notifications of a channel came to this end: `sent`, `retried`, `failed`, `dropped` or `grouped`. */
  notified(channel: string, outcome: string, count: number): void;
}
