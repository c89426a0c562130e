// What a run reached, from what was recorded: `troupe run … -o json | node measure.mjs`. Fails when it misses the plan.
import { text } from "node:stream/consumers";

const SAME_FILES = [
  ["db_orders", "db_billing"],
  ["feat_checkout", "feat_refunds"],
];
const PLANNED = 3.0;
const LIMIT = 4.5;

const run = JSON.parse(await text(process.stdin));
const steps = new Map(run.steps.map((step) => [step.id, step]));
const totalMs = run.steps.reduce((sum, { durationMs }) => sum + durationMs, 0);
const speedup = totalMs / run.durationMs;
const overlapping = SAME_FILES.filter(([left, right]) => overlap(steps.get(left), steps.get(right)));

process.stderr.write(`measured: ${speedup.toFixed(2)}× (${totalMs} ms of steps in ${run.durationMs} ms)\n`);
process.stdout.write(`run                  ${run.state}
succeeded            ${run.steps.filter(({ state }) => state === "succeeded").length}
at most at once      ${mostAtOnce(run.steps)}
reaches the plan     ${speedup >= 0.9 * PLANNED ? "yes" : `no: ${speedup.toFixed(2)} instead of ${PLANNED}`}
below the limit      ${speedup <= LIMIT ? "yes" : "no"}
overlaps on a file   ${overlapping.length}
`);

function overlap(left, right) {
  return left.startedAt < right.endedAt && right.startedAt < left.endedAt;
}

function mostAtOnce(all) {
  return Math.max(...all.map(({ startedAt }) => all.filter((step) => step.startedAt <= startedAt && startedAt < step.endedAt).length));
}
