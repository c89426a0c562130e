/** Who waits for a place among the running attempts, and in which order, as far as the journals tell it. */
import type { RunId } from "../core/ids.ts";
import { AGING_MS_DEFAULT } from "../hosts/embedded/dispatcher.ts";
import type { RunRow, StoreReader } from "../ports/store.ts";

export interface PlaceQueue {
  /** Attempts of all runs that hold a place. */
  readonly running: number;
  /** Steps of all runs that wait for one. */
  readonly waiting: number;
  /**
   * Where a step stands, 1 being the next; the order of the dispatcher but for the turns of tenants and for priorities that single
   * steps have. Null where too many runs would have to be read.
   */
  placeOf(runId: RunId, step: string): number | null;
}

/** Journals read to tell who asked first. */
const RUNS_READ_MAX = 50;

interface Waiter {
  readonly runId: RunId;
  readonly step: string;
  readonly rank: number;
  readonly askedAt: number;
}

export function readPlaceQueue(store: StoreReader, now: number): PlaceQueue {
  let running = 0;
  const waitingIn = new Map<RunId, ReadonlySet<string>>();
  for (const runId of store.activeRuns()) {
    const steps = store.steps(runId);
    running += steps.filter(({ state }) => state === "running.executing" || state === "running.stopping").length;
    const waiting = steps.filter(({ state }) => isAsking(state)).map(({ step }) => step);
    if (waiting.length > 0) waitingIn.set(runId, new Set<string>(waiting));
  }
  const waiting = [...waitingIn.values()].reduce((sum, { size }) => sum + size, 0);
  const isReadable = waitingIn.size <= RUNS_READ_MAX;
  const line = isReadable ? [...waitingIn].flatMap(([runId, steps]) => waitersOf(store, store.run(runId), steps, now)) : [];
  line.sort((one, other) => one.rank - other.rank || one.askedAt - other.askedAt);
  return {
    running,
    waiting,
    placeOf(runId, step) {
      const at = line.findIndex((waiter) => waiter.runId === runId && waiter.step === step);
      return at < 0 ? null : at + 1;
    },
  };
}

function isAsking(state: string): boolean {
  return state === "pending.queued" || state === "running.waiting";
}

function waitersOf(store: StoreReader, run: RunRow | null, steps: ReadonlySet<string>, now: number): Waiter[] {
  if (run === null) return [];
  const askedAt = new Map<string, number>();
  for (const { actor, from, to, at } of store.entries(run.id, 0, run.lastSeq))
    if (isAsking(to) && from !== to && steps.has(actor)) askedAt.set(actor, at);
  return [...steps].map((step) => {
    const at = askedAt.get(step) ?? now;
    // Whoever waits gains a priority now and then (I-37).
    return { runId: run.id, step, askedAt: at, rank: run.priority - Math.floor(Math.max(0, now - at) / AGING_MS_DEFAULT) };
  });
}
