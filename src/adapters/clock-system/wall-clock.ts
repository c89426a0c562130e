/** The clock on the wall, which people set: schedules follow it, and nothing else does (I-22). */
import type { Clock } from "../../ports/clock.ts";

/** A clock that was set forward is noticed within this time. */
const CHUNK_MS = 30_000;

export function createWallClock(): Clock {
  return {
    now: Date.now,
    wakeAt(atMs, wake) {
      let timer: NodeJS.Timeout | undefined;
      const arm = (): void => {
        timer = setTimeout(() => (Date.now() >= atMs ? wake() : arm()), Math.min(Math.max(0, atMs - Date.now()), CHUNK_MS));
      };
      arm();
      return { [Symbol.dispose]: () => clearTimeout(timer) };
    },
  };
}
