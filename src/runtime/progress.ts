/** Slows progress reports down to what watchers can use: every report that gets through becomes a durable entry. */
import type { JsonObject } from "../core/json.ts";
import { findNotJson } from "../core/not-json.ts";
import type { Clock } from "../ports/clock.ts";

/** The shortest time between two reports of one attempt. */
export const PROGRESS_INTERVAL_MS = 250;

export interface Progress extends Disposable {
  report(data: JsonObject): void;
}

/**
 * Reports at once, then the latest of each interval. What is left when the attempt ends says nothing new any more. A report that JSON
 * cannot hold is left out: it is for watchers only, and harms no attempt.
 */
export function createProgress(send: (data: JsonObject) => void, clock: Clock): Progress {
  let latest: JsonObject | null = null;
  let timer: Disposable | null = null;
  let isEnded = false;
  const pass = (data: JsonObject): void => {
    latest = null;
    if (findNotJson(data, "progress") !== null) return;
    send(JSON.parse(JSON.stringify(data)) as JsonObject); // A copy of it as it is now; its owner may go on writing into it.
    timer = clock.wakeAt(clock.now() + PROGRESS_INTERVAL_MS, () => {
      timer = null;
      if (latest !== null && !isEnded) pass(latest);
    });
  };
  return {
    report(data) {
      if (isEnded) return;
      if (timer === null) pass(data);
      else latest = data;
    },
    [Symbol.dispose]() {
      isEnded = true;
      timer?.[Symbol.dispose]();
    },
  };
}
