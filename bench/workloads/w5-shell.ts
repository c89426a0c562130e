/** W5 in the engine: 36 shell steps in 12 waves of 3; each step needs the whole wave before it. */

import { answer, readParameters } from "../meter.ts";
import { createTroupe } from "../troupe.ts";
import { loadRuns } from "./load-runs.ts";
import { writeShellWaves } from "./shell-waves.ts";

const { directory, command, warmUp } = readParameters<{ directory: string; command: string; warmUp: number }>();
const file = writeShellWaves(directory, command);
await using troupe = await createTroupe({ state: directory });
const workflow = troupe.load(file);
await loadRuns(troupe, workflow, warmUp, 1);
const { wallMs } = await loadRuns(troupe, workflow, 1, 1);
answer({ engineMs: wallMs });
