/** What is being made at this moment, by key. */
export interface Flights {
  /** Returns when the work under way has ended, when there is none, or when the signal is aborted. */
  waitFor(key: string, signal: AbortSignal): Promise<void>;
  /** Does work that others may wait for. */
  fly<TAnswer>(key: string, work: () => Promise<TAnswer>): Promise<TAnswer>;
}

/** One for each layer, since what is under way in another engine cannot be seen. */
export function createFlights(): Flights {
  const flying = new Map<string, Promise<void>>();
  return {
    async waitFor(key, signal) {
      const flight = flying.get(key);
      if (flight === undefined || signal.aborted) return;
      const { promise: aborted, resolve } = Promise.withResolvers<void>();
      const wake = (): void => resolve();
      signal.addEventListener("abort", wake, { once: true });
      await Promise.race([flight, aborted]);
      signal.removeEventListener("abort", wake);
    },
    async fly(key, work) {
      const { promise, resolve } = Promise.withResolvers<void>();
      // Those who waited for the same flight go on together: one more round would make them queue for a result that was not kept.
      if (!flying.has(key)) flying.set(key, promise);
      try {
        return await work();
      } finally {
        if (flying.get(key) === promise) flying.delete(key);
        resolve();
      }
    },
  };
}
