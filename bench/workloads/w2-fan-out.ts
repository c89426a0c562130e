/** W2: one run whose steps are all ready at once, and one that joins them. */

import { answer, cpuPerStep, readParameters, startCpuMeter } from "../meter.ts";
import { createTroupe } from "../troupe.ts";
import { loadRuns } from "./load-runs.ts";
import { fanOut, writeNoopWorkflow } from "./workflow-file.ts";

const { directory, width, warmUp } = readParameters<{ directory: string; width: number; warmUp: number }>();
const file = writeNoopWorkflow(directory, "fan-out", fanOut(width));
await using troupe = await createTroupe({ state: directory, functions: { noop: () => null }, maxWorkers: width });
const workflow = troupe.load(file);
await loadRuns(troupe, workflow, warmUp, 1);
const cpu = startCpuMeter();
const { wallMs } = await loadRuns(troupe, workflow, 1, 1);
const spent = cpu();
answer({ stepsPerS: ((width + 1) / wallMs) * 1_000, wallMs, ...cpuPerStep(spent, width + 1) });
