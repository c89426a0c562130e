/** The server that is asked: a process of its own over a store with many runs that have ended and some that go on. Prints where it listens. */

import { openProject } from "../../src/main/project.ts";
import { openServer } from "../../src/main/serve.ts";
import { readParameters } from "../meter.ts";

const { directory, stored, active } = readParameters<{ directory: string; stored: number; active: number }>();
const AT_ONCE = 200;

const DONE = `name: done
input: { n: { type: integer } }
steps:
${["a", "b", "c", "d", "e"].map((id, index) => `  - { id: ${id}, type: template, template: "{{ input.n }}"${index === 0 ? "" : `, needs: ${String.fromCharCode(96 + index)}`} }`).join("\n")}
`;
/** Goes on for as long as the measurement: steps that are due again and again, as those of a busy server are. */
const BUSY = "name: busy\nsteps:\n  - { id: wait, type: wait, for: 1s }\n  - { id: again, needs: wait, type: wait, for: 10m }\n";

const project = await openProject({ state: directory, willWrite: true });
const driver = await project.drive({ adopt: "all" });
const [done, busy] = [project.compile(DONE), project.compile(BUSY)];

let started = 0;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (started < stored) {
      const id = await driver.start(done, { input: { n: started++ } });
      await driver.rest(id);
    }
  }),
);
for (let count = 0; count < active; count++) await driver.start(busy);

const tenant = "default";
const serving = await openServer({
  project,
  rules: [],
  driver,
  tenant,
  allowedHosts: [],
  version: "0",
  warn: (message) => process.stderr.write(`${message}\n`),
  // The bound of one address is for strangers.
  requestsAMinute: Number.MAX_SAFE_INTEGER,
});
const url = await serving.http.listen({ host: "127.0.0.1", port: 0 });
process.stdout.write(`${JSON.stringify({ url, token: serving.ownToken })}\n`);
process.on("SIGTERM", () => {
  void serving[Symbol.asyncDispose]()
    .then(() => driver.suspend(0))
    .then(() => project[Symbol.asyncDispose]())
    .then(() => process.exit(0));
});
