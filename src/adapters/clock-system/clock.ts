/** The machine's clock: wall time at the start of the process, carried on by the monotonic clock (I-22). */
import type { Clock } from "../../ports/clock.ts";

/** Longest delay that the platform's timers take; a longer one fires at once, so it is chained. */
const CHUNK_MAX_MS = 2 ** 31 - 1;

export function createSystemClock(): Clock {
  const originMs = Date.now() - performance.now();
  const now = (): number => Math.floor(originMs + performance.now());
  return {
    now,
    wakeAt(atMs, wake) {
      let timer: NodeJS.Timeout | undefined;
      const arm = (): void => {
        const left = atMs - (originMs + performance.now());
        if (left <= 0) wake();
        else timer = setTimeout(arm, Math.min(Math.ceil(left), CHUNK_MAX_MS));
      };
      timer = setTimeout(arm, Math.min(Math.max(0, Math.ceil(atMs - (originMs + performance.now()))), CHUNK_MAX_MS));
      return { [Symbol.dispose]: () => clearTimeout(timer) };
    },
  };
}
