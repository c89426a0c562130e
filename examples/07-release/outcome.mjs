// What became of each step, in the order in which they began, and the output: `troupe run … -o json | node outcome.mjs`.
import { text } from "node:stream/consumers";

const run = JSON.parse(await text(process.stdin));
process.stdout.write(`run ${run.state}\n`);
for (const { id, state, error } of run.steps
  .filter(({ state }) => state !== "skipped")
  .sort((left, right) => left.startedAt - right.startedAt)) {
  process.stdout.write(`  ${id.padEnd(18)} ${state}${error === null ? "" : `: ${error.detail.trim()}`}\n`);
}
if (run.output !== null) process.stdout.write(`output ${JSON.stringify(run.output)}\n`);
