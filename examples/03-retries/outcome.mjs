// Each step with its attempts, and the output: `troupe run … -o json | node outcome.mjs`.
import { text } from "node:stream/consumers";

const run = JSON.parse(await text(process.stdin));
process.stdout.write(`run ${run.state}\n`);
for (const { id, state, attempts } of run.steps) process.stdout.write(`  ${id.padEnd(7)} ${state}, ${attempts} attempt(s)\n`);
if (run.output !== null) process.stdout.write(`output ${JSON.stringify(run.output)}\n`);
