// The figures of a plan: `troupe plan … -o json | node figures.mjs`.
import { text } from "node:stream/consumers";

const plan = JSON.parse(await text(process.stdin));
const unitMs = plan.steps[0].estimateMs;
process.stdout.write(`steps                ${plan.steps.length}
edges                ${plan.edges.length}
longest chain        ${plan.criticalPathMs / unitMs} steps
waves at ${plan.workers} workers   ${plan.makespanMs / unitMs}
speed-up             ${plan.speedup.toFixed(1)}
speed-up limit       ${plan.speedupLimit.toFixed(1)}, with any number of workers
`);
