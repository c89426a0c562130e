// Each step with what became of it, its items below it, and the output: `troupe run … -o json | node outcome.mjs`.
import { text } from "node:stream/consumers";

const run = JSON.parse(await text(process.stdin));
process.stdout.write(`run ${run.state}\n`);
for (const step of run.steps.filter(({ itemKey }) => itemKey === null)) {
  tell(step.id, step);
  for (const item of run.steps.filter(({ id }) => id.startsWith(`${step.id}[`))) tell(`  ${item.itemKey}`, item);
}
if (run.output !== null) process.stdout.write(`output ${JSON.stringify(run.output)}\n`);

function tell(name, { state, tool, error }) {
  process.stdout.write(`  ${name.padEnd(22)} ${state}${tool === null ? "" : `, by ${tool}`}${error === null ? "" : `: ${error.title}`}\n`);
}
