/** When to look who has moved: soon after each write, and less often while others have no time left on the thread. */
import { performance } from "node:perf_hooks";
import type { StoreReader } from "../ports/store.ts";

const LOOK_EVERY_MS = 25;
const KEEP_ALIVE_MS = 60_000;
/** A thread that is idle for less than the rest of the time is wanted by others. */
const BUSY_SHARE = 0.8;
/** A look and what it led to are followed by a rest of so many times their length, and of so many milliseconds at most. */
const REST = { busy: { factor: 19, maxMs: 200 }, free: { factor: 3, maxMs: 100 } };
/** Over so long a time. */
const LOAD_WINDOW_MS = 250;

export interface Looks extends Disposable {
  /** Looks once, as soon as one is due. */
  soon(): void;
  /** Looks when so many milliseconds have passed, even if nobody writes; asked again, it stays with the first time. */
  later(ms: number): void;
}

export interface LooksOptions {
  readonly store: Pick<StoreReader, "watch">;
  readonly look: () => void;
  /** What looks have led to so far, in milliseconds of this thread. */
  readonly servedMs: () => number;
}

/** Keeps the process alive: a watch of the store lets it end, somebody who follows does not. */
export function startLooks({ store, look, servedMs }: LooksOptions): Looks {
  const now = (): number => performance.now();
  let last = { began: Number.NEGATIVE_INFINITY, ended: now(), served: servedMs() };
  const isBusy = createLoadMeter();
  let next: NodeJS.Timeout | null = null;
  let later: NodeJS.Timeout | null = null;
  const lookNow = (): void => {
    next = null;
    const began = now();
    look();
    last = { began, ended: now(), served: servedMs() };
  };
  const restMs = (): number => {
    const { factor, maxMs } = isBusy() ? REST.busy : REST.free;
    return Math.min(maxMs, (last.ended - last.began + servedMs() - last.served) * factor);
  };
  const soon = (): void => {
    if (next !== null) return;
    const waitMs = Math.max(last.began + LOOK_EVERY_MS, last.ended + restMs()) - now();
    if (waitMs <= 0) lookNow();
    else next = setTimeout(lookNow, waitMs);
  };
  const watch = store.watch(soon, LOOK_EVERY_MS);
  const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS);
  return {
    soon,
    later(ms) {
      later ??= setTimeout(() => {
        later = null;
        soon();
      }, ms);
    },
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      clearInterval(keepAlive);
      for (const timer of [next, later]) if (timer !== null) clearTimeout(timer);
    },
  };
}

/** Whether the thread was busy in the last window that has ended. */
function createLoadMeter(): () => boolean {
  let since = performance.eventLoopUtilization();
  let isBusy = false;
  return () => {
    const load = performance.eventLoopUtilization(since);
    if (load.active + load.idle >= LOAD_WINDOW_MS) {
      isBusy = load.utilization > BUSY_SHARE;
      since = performance.eventLoopUtilization();
    }
    return isBusy;
  };
}
