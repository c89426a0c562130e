import { expect, test } from "vitest";
import type { CommittedEntry } from "../../ports/observer.ts";
import { createPublisher } from "./publisher.ts";

const batch = [{ runId: "run_1", entry: { seq: 1 } }] as unknown as readonly CommittedEntry[]; // Passed on, never read.

test("an observer that throws is counted, reported once and harms nobody (I-38)", () => {
  const reports: string[] = [];
  const seen: (readonly CommittedEntry[])[] = [];
  const publisher = createPublisher((name, error) => reports.push(`${name}: ${error.message}`));
  publisher.subscribe({
    name: "broken",
    committed: () => {
      throw "no Error at all";
    },
  });
  publisher.subscribe({ name: "watcher", committed: (entries) => void seen.push(entries) });
  for (let round = 0; round < 3; round++) publisher.publish(batch);
  expect(seen).toEqual([batch, batch, batch]);
  expect(publisher.failures()).toEqual(new Map([["broken", 3]]));
  expect(reports).toEqual(["broken: no Error at all"]);
});

test("an observer that fails later is counted as well, and a report that fails harms nobody", async () => {
  const publisher = createPublisher(() => {
    throw new Error("nobody listens");
  });
  publisher.subscribe({ name: "late", committed: (() => Promise.reject(new Error("later"))) as () => void }); // As an async function is taken, too.
  publisher.publish(batch);
  publisher.publish(batch);
  await new Promise((resolve) => setImmediate(resolve));
  expect(publisher.failures()).toEqual(new Map([["late", 2]]));
});

test("an observer hears nothing after it has left, also when it leaves while it listens", () => {
  const heard: string[] = [];
  const publisher = createPublisher(() => undefined);
  const first = publisher.subscribe({
    name: "first",
    committed: () => {
      heard.push("first");
      first[Symbol.dispose]();
    },
  });
  publisher.subscribe({ name: "second", committed: () => void heard.push("second") });
  publisher.publish(batch);
  publisher.publish(batch);
  expect(heard).toEqual(["first", "second", "second"]);
});

test("observers hear in the order in which they came", () => {
  const heard: number[] = [];
  const publisher = createPublisher(() => undefined);
  for (const number of [1, 2, 3]) publisher.subscribe({ name: `${number}`, committed: () => void heard.push(number) });
  publisher.publish(batch);
  expect(heard).toEqual([1, 2, 3]);
});
