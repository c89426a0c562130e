/** After a failure of the store nobody asks it for a while: a hundred steps should not wait for a hundred time-outs (C4). */
import { toError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";

const REST_MS = 30_000;

export interface StoreRest {
  /** Whether it has failed so lately that it is left alone. */
  isOn(): boolean;
  /** Begins it; the first failure is told as a warning. Returns why the cache cannot be used. */
  begin(thrown: unknown): string;
}

/** One for each engine: what one step has found out holds for all. */
export function createStoreRest({ clock, warn }: { readonly clock: Clock; readonly warn: (message: string) => void }): StoreRest {
  let untilMs = 0;
  return {
    isOn: () => clock.now() < untilMs,
    begin(thrown) {
      const { message } = toError(thrown);
      const now = clock.now();
      if (now >= untilMs) warn(`The step cache cannot be used: ${message}. Steps run without it for a while.`);
      untilMs = now + REST_MS;
      return `the store failed: ${message}`;
    },
  };
}
