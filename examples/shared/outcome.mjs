// Each step with what became of it, its items below it, and the output: `troupe run … -o json | node outcome.mjs [--by-start]`.
// The steps are in the order of the file, or in that in which they began; then without those that did not.
import { text } from "node:stream/consumers";

const run = JSON.parse(await text(process.stdin));
const steps = run.steps.filter(({ itemKey }) => itemKey === null);
const shown = process.argv.includes("--by-start")
  ? steps.filter(({ startedAt }) => startedAt !== null).sort((left, right) => left.startedAt - right.startedAt)
  : steps;
const rows = shown.flatMap((step) => [
  { ...step, name: step.id },
  ...run.steps.filter(({ id }) => id.startsWith(`${step.id}[`)).map((item) => ({ ...item, name: `  ${item.itemKey}` })),
]);
const width = Math.max(...rows.map(({ name }) => name.length));

process.stdout.write(`run ${run.state}\n`);
for (const { name, state, attempts, tool, error } of rows) {
  const notes = [
    attempts > 1 ? `, ${attempts} attempts` : "",
    tool === null ? "" : `, by ${tool}`,
    error === null ? "" : `: ${error.title}`,
  ];
  process.stdout.write(`  ${name.padEnd(width)} ${state}${notes.join("")}\n`);
  const detail = error?.detail?.trim() ?? "";
  if (detail !== "") process.stdout.write(`${detail.replaceAll(/^/gm, "      ")}\n`);
}
if (run.output !== null) process.stdout.write(`output ${JSON.stringify(run.output, null, 2)}\n`);
