// Each retry with its delay and reason: `troupe events … -o jsonl | node retried.mjs`.
import { createInterface } from "node:readline";

for await (const line of createInterface({ input: process.stdin })) {
  const { type, stepId, data } = JSON.parse(line);
  if (type === "step.retrying") process.stdout.write(`${stepId}: ${JSON.stringify(data)}\n`);
}
