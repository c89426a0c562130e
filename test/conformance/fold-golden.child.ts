/** Prints what golden journals and simulated histories come to on this machine, at this time, in this place of the world (I-30). */
import { canonicalJson, type Json } from "../../src/core/json.ts";
import { sha256 } from "../../src/core/sha256.ts";
import { recompile } from "../../src/definition/index.ts";
import { fold } from "../../src/kernel/fold.ts";
import { simulateAll } from "../simulation/simulate.ts";
import { goldenVersions, readGoldens, stateOf } from "../support/golden.ts";
import { builtInStepTypes } from "../support/step-types.ts";

const shiftMs = Number(process.env.CLOCK_SHIFT_MS ?? 0);
const { now } = Date;
Date.now = () => now() + shiftMs;

for (const { name, definition, entries } of goldenVersions().flatMap(readGoldens)) {
  const workflow = recompile(definition.document, definition.hash, { file: definition.file, stepTypes: builtInStepTypes });
  process.stdout.write(`${name} ${sha256(canonicalJson(stateOf(workflow, fold(workflow, entries))))}\n`);
}
const seeds = Array.from({ length: 40 }, (_, index) => 700_000 + index);
const histories = (await simulateAll(seeds, { withFingerprints: true })).map(({ seed, fingerprint }) => [seed, fingerprint]);
process.stdout.write(`histories ${sha256(canonicalJson(histories as unknown as Json))}\n`); // Numbers in lists.
