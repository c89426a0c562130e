import { expect, test } from "vitest";
import type { JsonObject } from "../core/json.ts";
import type { Clock } from "../ports/clock.ts";
import { createProgress, PROGRESS_INTERVAL_MS } from "./progress.ts";

function bench() {
  const sent: JsonObject[] = [];
  let now = 0;
  let due: { at: number; wake: () => void } | null = null;
  const clock: Clock = {
    now: () => now,
    wakeAt(at, wake) {
      due = { at, wake };
      return { [Symbol.dispose]: () => (due = null) };
    },
  };
  const pass = (ms: number): void => {
    now += ms;
    const ready = due;
    if (ready === null || ready.at > now) return;
    due = null;
    ready.wake();
  };
  return { sent, pass, isWaiting: () => due !== null, progress: createProgress((data) => sent.push(data), clock) };
}

test("the first report passes at once, then the latest of each interval", () => {
  const { sent, pass, progress } = bench();
  for (let n = 1; n <= 3; n++) progress.report({ n });
  expect(sent).toEqual([{ n: 1 }]);
  pass(PROGRESS_INTERVAL_MS);
  expect(sent).toEqual([{ n: 1 }, { n: 3 }]);
  pass(PROGRESS_INTERVAL_MS);
  progress.report({ n: 4 });
  expect(sent).toEqual([{ n: 1 }, { n: 3 }, { n: 4 }]);
});

test("what JSON cannot hold is left out, and what is reported is a copy", () => {
  const { sent, pass, progress } = bench();
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  progress.report(circle as JsonObject); // What plain JavaScript may hand over.
  const data = { n: 1 };
  progress.report(data);
  data.n = 2;
  pass(PROGRESS_INTERVAL_MS);
  expect(sent).toEqual([{ n: 1 }]);
});

test("after the end nothing is reported and no timer is left", () => {
  const { sent, isWaiting, progress } = bench();
  progress.report({ n: 1 });
  progress.report({ n: 2 });
  progress[Symbol.dispose]();
  progress.report({ n: 3 });
  expect(sent).toEqual([{ n: 1 }]);
  expect(isWaiting()).toBe(false);
});
