// `troupe resume … -o json | node outcome.mjs`
import { text } from "node:stream/consumers";

const run = JSON.parse(await text(process.stdin));
process.stdout.write(`run ${run.state}: ${JSON.stringify(run.output)}\n`);
for (const { id, state, attempts } of run.steps) process.stdout.write(`  ${id.padEnd(7)} ${state}, ${attempts} attempt(s)\n`);
