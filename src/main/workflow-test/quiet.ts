/** Tells when everything that goes on has ended or waits for the clock, so that the clock may go on. */
import type { Clock } from "../../ports/clock.ts";

export interface Quiet {
  /** Something has begun; called once when it has ended. */
  begin(): () => void;
  /** Waits for virtual time, or for the signal, without holding the clock up. False when the signal came first. */
  sleep(clock: Clock, forMs: number, signal: AbortSignal): Promise<boolean>;
  idle(): Promise<void>;
}

export function createQuiet(): Quiet {
  let busy = 0;
  let waiters: (() => void)[] = [];
  const changed = (by: number): void => {
    busy += by;
    if (busy > 0) return;
    for (const resolve of waiters) resolve();
    waiters = [];
  };
  return {
    begin() {
      changed(1);
      return () => changed(-1);
    },
    async sleep(clock, forMs, signal) {
      if (signal.aborted) return false;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const onAbort = (): void => resolve(false);
      signal.addEventListener("abort", onAbort, { once: true });
      // Whoever wakes it has taken it up again before the clock can go further.
      const alarm = Number.isFinite(forMs) ? clock.wakeAt(clock.now() + forMs, () => resolve(true)) : null;
      changed(-1);
      const isDue = await promise;
      changed(1);
      alarm?.[Symbol.dispose]();
      signal.removeEventListener("abort", onAbort);
      return isDue;
    },
    async idle() {
      // What has just been woken takes itself up within the next turns of the queue.
      await new Promise((resolve) => setImmediate(resolve));
      while (busy > 0) {
        await new Promise<void>((resolve) => waiters.push(resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}
