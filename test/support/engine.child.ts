/** A second process that plays an engine: starts one attempt and waits, so that a test can kill it. Reads its spec from argv. */
import { createProcesses } from "../../src/adapters/process-shim/processes.ts";
import type { ProcessSpec } from "../../src/ports/processes.ts";

const [directory = "", spec = "{}"] = process.argv.slice(2);
const processes = createProcesses({ directory });
const verdict = await processes.run(JSON.parse(spec) as ProcessSpec, new AbortController().signal); // written by the test as one
process.stdout.write(`${JSON.stringify(verdict)}\n`);
await processes[Symbol.asyncDispose]();
