// What became of each step, and the summary: `troupe run … -o json | node outcome.mjs`.
import { text } from "node:stream/consumers";

const run = JSON.parse(await text(process.stdin));
for (const { id, state, skippedBecause } of run.steps)
  process.stdout.write(`${id}  ${state}${skippedBecause === null ? "" : `: ${skippedBecause}`}\n`);
for (const [name, value] of Object.entries(run.output.summary)) process.stdout.write(`${name.padEnd(18)} ${value}\n`);
