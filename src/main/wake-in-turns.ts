/**
 * Wakes many in turns that share the thread with everything else: each turn takes a third of the time that others have had since the last
 * one. A thread with nothing else to do serves all of them at once; a busy one lags, and does not stall.
 */
import { performance } from "node:perf_hooks";

type Wake = () => void;

export interface Turns extends Disposable {
  /** What all turns have taken so far, in milliseconds. */
  readonly spentMs: number;
  /** Adds to those who are woken; somebody who waits for it already is woken once. */
  add(wakes: Iterable<Wake>): void;
}

const OTHERS_SHARE = 3;
/** Shorter turns are mostly overhead. */
const TURN_MIN_MS = 2;
/** Longer ones would be felt by whoever asks for something else. */
const TURN_MAX_MS = 25;
/** Before anything is measured. */
const WAKE_COST_MS = 0.05;
/** How much the last turn says about the next one. */
const WEIGHT = 0.3;

export function createTurns(now: () => number = () => performance.now()): Turns {
  const waiting = new Set<Wake>();
  let costMs = WAKE_COST_MS;
  let spentMs = 0;
  let endedAt = now();
  let next: NodeJS.Immediate | null = null;
  let isTurn = false;

  function turn(): void {
    next = null;
    isTurn = true;
    const began = now();
    const lengthMs = Math.min(TURN_MAX_MS, Math.max(TURN_MIN_MS, (began - endedAt) / OTHERS_SHARE));
    const count = Math.min(waiting.size, Math.max(1, Math.floor(lengthMs / costMs)));
    for (const wake of [...waiting.values().take(count)]) {
      waiting.delete(wake);
      wake();
    }
    whenServed(() => {
      isTurn = false;
      endedAt = now();
      spentMs += endedAt - began;
      costMs += WEIGHT * ((endedAt - began) / count - costMs);
      goOn();
    });
  }
  const goOn = (): void => {
    if (waiting.size > 0 && next === null && !isTurn) next = setImmediate(turn);
  };
  return {
    get spentMs() {
      return spentMs;
    },
    add(wakes) {
      for (const wake of wakes) waiting.add(wake);
      goOn();
    },
    [Symbol.dispose]() {
      waiting.clear();
      if (next !== null) clearImmediate(next);
      next = null;
    },
  };
}

/**
 * Calls back when those who were woken have done what they wanted: they go on in microtasks, and what they write to sockets is written in
 * ticks behind those (`processTicksAndRejections` in Node's lib/internal/process/task_queues.js).
 */
function whenServed(callback: () => void): void {
  queueMicrotask(() => process.nextTick(() => queueMicrotask(callback)));
}
