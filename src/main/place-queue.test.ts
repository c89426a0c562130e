import { expect, test } from "vitest";
import type { RunId } from "../core/ids.ts";
import type { StoreReader } from "../ports/store.ts";
import { readPlaceQueue } from "./place-queue.ts";

interface Told {
  readonly priority: number;
  /** State of each step, and when it came there. */
  readonly steps: Readonly<Record<string, readonly [state: string, at: number]>>;
}

function storeOf(runs: Readonly<Record<string, Told>>): StoreReader {
  const told = (id: string): Told => runs[id] ?? { priority: 3, steps: {} };
  return {
    activeRuns: () => Object.keys(runs),
    steps: (id: string) => Object.entries(told(id).steps).map(([step, [state]]) => ({ step, state })),
    run: (id: string) => ({ id, priority: told(id).priority, lastSeq: 9 }),
    entries: (id: string) => Object.entries(told(id).steps).map(([actor, [to, at]]) => ({ actor, from: "", to, at })),
  } as unknown as StoreReader; // Nothing else of it is asked.
}

const placeIn = (store: StoreReader, now: number) => (run: string, step: string) => readPlaceQueue(store, now).placeOf(run as RunId, step);

test("the urgent come first, then those who asked first", () => {
  const store = storeOf({
    calm: { priority: 3, steps: { early: ["pending.queued", 1_000], busy: ["running.executing", 0], late: ["running.waiting", 3_000] } },
    urgent: { priority: 1, steps: { now: ["pending.queued", 4_000], ending: ["running.stopping", 0] } },
  });
  expect(readPlaceQueue(store, 5_000)).toMatchObject({ running: 2, waiting: 3 });
  const place = placeIn(store, 5_000);
  expect([place("urgent", "now"), place("calm", "early"), place("calm", "late"), place("calm", "busy")]).toEqual([1, 2, 3, null]);
});

test("who waits long enough passes the urgent", () => {
  const store = storeOf({
    calm: { priority: 3, steps: { old: ["pending.queued", 0] } },
    urgent: { priority: 1, steps: { now: ["pending.queued", 100_000] } },
  });
  expect(placeIn(store, 100_000)("calm", "old")).toBe(1);
});

test("of too many runs, only the numbers are told", () => {
  const runs = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [`r${index}`, { priority: 3, steps: { a: ["pending.queued", 0] as const } }]),
  );
  const queue = readPlaceQueue(storeOf(runs), 0);
  expect([queue.waiting, queue.placeOf("r1" as RunId, "a")]).toEqual([60, null]);
});
