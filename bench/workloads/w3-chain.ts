/** W3: one run, one step after the other: the time from one recorded result to the next. */
import { performance } from "node:perf_hooks";
import { answer, cpuPerStep, readParameters, startCpuMeter } from "../meter.ts";
import { quantileOf } from "../tally.ts";
import { createTroupe } from "../troupe.ts";
import { loadRuns } from "./load-runs.ts";
import { chain, writeNoopWorkflow } from "./workflow-file.ts";

const { directory, length, warmUp } = readParameters<{ directory: string; length: number; warmUp: number }>();
const file = writeNoopWorkflow(directory, "chain", chain(length));
await using troupe = await createTroupe({ state: directory, functions: { noop: () => null } });
const workflow = troupe.load(file);
await loadRuns(troupe, workflow, warmUp, 1);
const gapsMs: number[] = [];
let last = Number.NaN;
using _observer = troupe.subscribe({
  name: "gaps",
  committed(entries) {
    for (const { entry } of entries) {
      if (entry.type !== "step.succeeded") continue;
      const now = performance.now();
      if (!Number.isNaN(last)) gapsMs.push(now - last);
      last = now;
    }
  },
});
const cpu = startCpuMeter();
const { wallMs } = await loadRuns(troupe, workflow, 1, 1);
const spent = cpu();
answer({
  p50Ms: quantileOf(gapsMs, 0.5),
  p99Ms: quantileOf(gapsMs, 0.99),
  stepsPerS: (length / wallMs) * 1_000,
  ...cpuPerStep(spent, length),
});
