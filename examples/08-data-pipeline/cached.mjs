// What the cache answered to each item: `troupe events … -o jsonl | node cached.mjs`.
import { createInterface } from "node:readline";

const lines = [];
for await (const line of createInterface({ input: process.stdin })) {
  const { type, stepId, data } = JSON.parse(line);
  const cache = data.usage?.cache;
  if (type === "step.succeeded" && cache !== undefined) lines.push(`${stepId}: ${cache.hit ? "from the cache" : "executed"}`);
}
process.stdout.write(`${lines.sort().join("\n")}\n`);
