/** Time that passes when a test says so. */
import type { Clock } from "../../src/ports/clock.ts";

export class ManualClock implements Clock {
  #now: number;
  readonly #alarms = new Set<{ readonly at: number; readonly wake: () => void }>();

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  wakeAt(at: number, wake: () => void): Disposable {
    const alarm = { at, wake };
    this.#alarms.add(alarm);
    return { [Symbol.dispose]: () => void this.#alarms.delete(alarm) };
  }

  /** As when somebody sets the clock: nothing rings on the way. */
  set(now: number): void {
    this.#now = now;
  }

  /** Alarms that are set. */
  get alarms(): number {
    return this.#alarms.size;
  }

  /** Rings what is due on the way, in due order. */
  pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const [next] = [...this.#alarms].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.#alarms.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#now = until;
  }
}
