import { expect, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { FencedError, TransientError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import type { Store } from "../ports/store.ts";
import { Waiters } from "./waiters.ts";

const RUN = "run_0" as RunId;

/** A store that changes when it is told to. */
function changingStore(): { readonly store: Store; readonly change: () => void; readonly watches: () => number } {
  const listeners = new Set<() => void>();
  const watch = (listener: () => void): Disposable => {
    listeners.add(listener);
    return { [Symbol.dispose]: () => void listeners.delete(listener) };
  };
  return {
    store: { watch } as unknown as Store, // Waiters use nothing else of it.
    change: () => {
      for (const listener of [...listeners]) listener();
    },
    watches: () => listeners.size,
  };
}

test("who waits for a letter elsewhere is answered by a change without entries, also once the engine is here", async () => {
  const { store, change, watches } = changingStore();
  const waiters = new Waiters(store, () => Promise.resolve());
  let isTaken = false;
  const answered = waiters.until(RUN, () => isTaken);
  waiters.becameLocal();
  expect(watches()).toBe(1);
  isTaken = true;
  change();
  await answered;
  expect(watches()).toBe(0);
});

test("who waits is told when the store cannot be read any more, and waits on while it only is busy", async () => {
  const { store } = changingStore();
  const waiters = new Waiters(store, () => Promise.resolve());
  waiters.becameLocal();
  let problem: Error | null = null;
  let looks = 0;
  const look = (): boolean => {
    looks += 1;
    if (problem !== null) throw problem;
    return false;
  };
  const told = waiters.until(RUN, look).catch((error: unknown) => error);
  const committed = [{ run: { runId: RUN }, entry: { actor: "run" } }] as unknown as Parameters<typeof waiters.observer.committed>[0]; // All that is read of them.
  problem = new TransientError("STORE_BUSY");
  waiters.observer.committed(committed);
  await eventually(() => expect(looks).toBeGreaterThan(2));
  problem = new FencedError("STORE_UNUSABLE", { problem: "disk I/O error" });
  expect(await told).toBe(problem);
});
