/** Simulates histories outside the test runner, whose modules are several times slower: `node histories.child.ts FIRST COUNT`. */
import { simulateAll } from "./simulate.ts";

const [first = 1, count = 1] = process.argv.slice(2).map(Number);
const verdicts = await simulateAll(Array.from({ length: count }, (_, index) => first + index));
process.stdout.write(JSON.stringify(verdicts));
