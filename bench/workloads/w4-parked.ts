/**
 * W4: many runs parked, on a far timer that is due at one instant, or on approvals that are all given at once. A timed step fails with a
 * transient error that asks for a retry then; its second attempt succeeds. While they wait the runs are in the store only.
 */
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { answer, collectGarbage, readParameters, startCpuMeter } from "../meter.ts";
import { createTroupe, type FunctionContext } from "../troupe.ts";
import { writeWorkflow } from "./workflow-file.ts";

const { directory, runs, on, parkMs, ownsProcess } = readParameters<{
  directory: string;
  runs: number;
  on: "timer" | "approval";
  /** For the timers: until they are due. */
  parkMs: number;
  ownsProcess: boolean;
}>();
const STEPS = {
  timer: "  - { id: wait, call: wait, retry: { max: 1, strategy: fixed, base: 1ms, cap: 1h, jitter: none, on: [transient] } }",
  approval: "  - { id: wait, type: approval, prompt: Go on? }",
};
const file = writeWorkflow(directory, "parked", [STEPS[on]]);
const MIB = 1024 * 1024;
/** Starts and decisions that are under way together. */
const AT_ONCE = 500;
let dueAt = Number.POSITIVE_INFINITY;

function wait(_input: unknown, { attempt }: FunctionContext): null {
  if (attempt === 1) throw Object.assign(new Error("not yet"), { class: "transient", retryAfterMs: dueAt - Date.now() });
  return null;
}

await using troupe = await createTroupe({ state: directory, functions: { wait }, maxWorkers: 1_000, ownsProcess });
const workflow = troupe.load(file);
const parked = Promise.withResolvers<void>();
const woken = Promise.withResolvers<void>();
let waiting = 0;
let ended = 0;
using _observer = troupe.subscribe({
  name: "bench",
  committed(entries) {
    for (const { entry } of entries) {
      if (entry.type === "run.waiting" && ++waiting === runs) parked.resolve();
      if (entry.type === "run.succeeded" && ++ended === runs) woken.resolve();
      if (entry.type === "run.failed") woken.reject(new Error(JSON.stringify(entry.data)));
    }
  },
});

collectGarbage();
const idleBytes = process.memoryUsage.rss();
const cpu = startCpuMeter();
const begin = performance.now();
dueAt = Date.now() + parkMs;
const ids: string[] = [];
while (ids.length < runs) {
  const atOnce = Math.min(AT_ONCE, runs - ids.length);
  const started = await Promise.all(Array.from({ length: atOnce }, () => troupe.run(workflow)));
  ids.push(...started.map(({ id }) => id));
}
await parked.promise;
const parkS = (performance.now() - begin) / 1_000;
const parkCpu = cpu();
collectGarbage();
await sleep(Math.max(0, Math.min(500, dueAt - Date.now() - 100)));
const parkedBytes = process.memoryUsage.rss();
const { heapUsed } = process.memoryUsage();
if (on === "approval") {
  dueAt = Date.now();
  for (let decided = 0; decided < runs; decided += AT_ONCE)
    await Promise.all(ids.slice(decided, decided + AT_ONCE).map((id) => troupe.get(id).decide({ decision: "approved", by: "bench" })));
} else if (dueAt < Date.now()) throw new Error(`parking took ${parkS} s, longer than the ${parkMs} ms until the wake-up`);
await woken.promise;
const wakeS = (Date.now() - dueAt) / 1_000;
const spent = cpu();
answer({
  parkS,
  wakeS,
  memoryMib: (parkedBytes - idleBytes) / MIB,
  heapMib: heapUsed / MIB,
  parkCpuUsPerRun: parkCpu.allUs / runs,
  wakeCpuUsPerRun: (spent.allUs - parkCpu.allUs) / runs,
});
