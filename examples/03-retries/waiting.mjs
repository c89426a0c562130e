// `troupe quarantine list -o json | node waiting.mjs`
import { text } from "node:stream/consumers";

for (const { workflow, step, reason } of JSON.parse(await text(process.stdin))) process.stdout.write(`${workflow}: ${step}: ${reason}\n`);
