/**
 * The limit of W1 to W3: an engine that does nothing but commit. One row for each step, written by a thread of its own, synchronous=FULL;
 * a batch of all that is in flight is the next one's cause. Durable in the same sense as Troupe's steps, and useless otherwise.
 */

import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { answer, readParameters } from "../meter.ts";
import { quantileOf } from "../tally.ts";

if (isMainThread) await measure();
else serve();

async function measure(): Promise<void> {
  const { directory, steps, inFlight } = readParameters<{ directory: string; steps: number; inFlight: number }>();
  const worker = new Worker(new URL(import.meta.url), { workerData: { directory } });
  const commit = (ids: readonly number[]): Promise<void> =>
    new Promise((resolve) => {
      worker.once("message", () => resolve());
      worker.postMessage(ids);
    });
  await commit([-1]);
  const gapsMs: number[] = [];
  const begin = performance.now();
  for (let done = 0; done < steps; done += inFlight) {
    const before = performance.now();
    await commit(Array.from({ length: inFlight }, (_, index) => done + index));
    gapsMs.push(performance.now() - before);
  }
  const wallMs = performance.now() - begin;
  worker.postMessage("close");
  answer({ stepsPerS: (steps / wallMs) * 1_000, p50Ms: quantileOf(gapsMs, 0.5), p99Ms: quantileOf(gapsMs, 0.99) });
}

function serve(): void {
  const { directory } = workerData as { readonly directory: string }; // Handed over just above.
  const db = new DatabaseSync(join(directory, "limit.db"));
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE done (step INTEGER PRIMARY KEY, result TEXT) STRICT");
  const insert = db.prepare("INSERT INTO done VALUES (?, 'null')");
  parentPort?.on("message", (ids: readonly number[] | "close") => {
    if (ids === "close") {
      db.close();
      parentPort?.close();
      return;
    }
    db.exec("BEGIN IMMEDIATE");
    for (const id of ids) insert.run(id);
    db.exec("COMMIT");
    parentPort?.postMessage(null);
  });
}
