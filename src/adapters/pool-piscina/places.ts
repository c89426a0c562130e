/** A bounded number of places, given out in the order in which they were asked for. */
export interface Places {
  readonly free: number;
  /** Resolves with true once there is a place, or with false when the signal is aborted first. */
  take(signal: AbortSignal): Promise<boolean>;
  give(): void;
}

export function createPlaces(count: number): Places {
  let free = count;
  const waiting = new Set<() => void>();
  return {
    get free() {
      return free;
    },
    async take(signal) {
      if (signal.aborted) return false;
      if (free > 0) {
        free--;
        return true;
      }
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const admit = (): void => resolve(true);
      const onAbort = (): void => {
        // Whoever was admitted in the same instant keeps the place, and gives it back by itself.
        if (waiting.delete(admit)) resolve(false);
      };
      waiting.add(admit);
      signal.addEventListener("abort", onAbort, { once: true });
      return promise.finally(() => signal.removeEventListener("abort", onAbort));
    },
    give() {
      const [next] = waiting;
      if (next === undefined) free++;
      else {
        waiting.delete(next);
        next();
      }
    },
  };
}
