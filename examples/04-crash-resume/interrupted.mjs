// `troupe recover list -o json | node interrupted.mjs`
import { text } from "node:stream/consumers";

for (const { workflow, state, progress } of JSON.parse(await text(process.stdin))) {
  process.stdout.write(`${workflow}: ${state}, ${progress.done} of ${progress.total} steps done\n`);
}
