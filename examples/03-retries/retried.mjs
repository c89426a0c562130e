// Each retry with its delay and reason: `troupe events … -o jsonl | node retried.mjs`.
import { createInterface } from "node:readline";

const lines = [];
for await (const line of createInterface({ input: process.stdin })) {
  const { type, stepId, data } = JSON.parse(line);
  if (type !== "step.retrying") continue;
  const { title, detail } = data.outcome.failure;
  lines.push(`${stepId}: attempt ${data.attempt} ended (${title} ${detail.trim()}); again in ${data.delayMs} milliseconds`);
}
// Steps run side by side, so the order between them is that of the clock.
process.stdout.write(`${lines.sort().join("\n")}\n`);
