/** Time that passes only when nothing else is left to do. */
import type { Clock } from "../../ports/clock.ts";

interface Alarm {
  readonly atMs: number;
  readonly order: number;
  readonly wake: () => void;
}

export interface VirtualClock extends Clock {
  /** Lets the next thing that waits for a time happen; false when nothing waits. */
  advance(): boolean;
}

export function createVirtualClock(startMs: number): VirtualClock {
  let nowMs = startMs;
  let order = 0;
  let alarms: Alarm[] = [];
  return {
    now: () => nowMs,
    wakeAt(atMs, wake) {
      order += 1;
      const alarm: Alarm = { atMs, order, wake };
      alarms.push(alarm);
      return {
        [Symbol.dispose]: () => {
          alarms = alarms.filter((other) => other !== alarm);
        },
      };
    },
    advance() {
      let next: Alarm | null = null;
      for (const alarm of alarms) {
        if (next === null || alarm.atMs < next.atMs || (alarm.atMs === next.atMs && alarm.order < next.order)) next = alarm;
      }
      if (next === null) return false;
      alarms.splice(alarms.indexOf(next), 1);
      nowMs = Math.max(nowMs, next.atMs);
      next.wake();
      return true;
    },
  };
}
