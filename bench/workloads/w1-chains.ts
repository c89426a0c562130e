/** W1: many runs of a short chain; each result is durable before the next step of its run starts. */

import { answer, cpuPerStep, readParameters, startCpuMeter } from "../meter.ts";
import { quantileOf } from "../tally.ts";
import { createTroupe } from "../troupe.ts";
import { loadRuns } from "./load-runs.ts";
import { chain, writeNoopWorkflow } from "./workflow-file.ts";

const { directory, runs, steps, inFlight, warmUp } = readParameters<{
  directory: string;
  runs: number;
  steps: number;
  inFlight: number;
  warmUp: number;
}>();
const file = writeNoopWorkflow(directory, "chain", chain(steps));
await using troupe = await createTroupe({ state: directory, functions: { noop: () => null }, maxWorkers: inFlight });
const workflow = troupe.load(file);
await loadRuns(troupe, workflow, warmUp, inFlight);
const cpu = startCpuMeter();
const { wallMs, latenciesMs } = await loadRuns(troupe, workflow, runs, inFlight);
const spent = cpu();
const total = runs * steps;
answer({
  stepsPerS: (total / wallMs) * 1_000,
  runsPerS: (runs / wallMs) * 1_000,
  p50Ms: quantileOf(latenciesMs, 0.5),
  p99Ms: quantileOf(latenciesMs, 0.99),
  ...cpuPerStep(spent, total),
});
