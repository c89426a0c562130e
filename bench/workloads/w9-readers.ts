/** W9: a thousand active runs, and clients that follow them. What do the clients cost the runs, and how old is what they are told? */
import { fork } from "node:child_process";
import { once } from "node:events";
import { answer, cpuPerStep, readParameters, startCpuMeter } from "../meter.ts";
import { openProject, openServer } from "../server.ts";
import { quantileOf } from "../tally.ts";
import type { ClientsAnswer } from "./w9-clients.ts";
import { chain, writeNoopWorkflow } from "./workflow-file.ts";

const { directory, runs, steps, clients } = readParameters<{ directory: string; runs: number; steps: number; clients: number }>();
const gate = Promise.withResolvers<null>();
await using stack = new AsyncDisposableStack();
const project = stack.use(await openProject({ state: directory, functions: { noop: () => gate.promise } }));
const driver = stack.use(await project.drive({ adopt: "all", maxWorkers: runs }));
const warn = (message: string): void => void process.stderr.write(`${message}\n`);
const serving = stack.use(await openServer({ project, driver, rules: [], tenant: "default", allowedHosts: [], version: "0", warn }));
const url = await serving.http.listen({ host: "127.0.0.1", port: 0 });
const workflow = project.load(writeNoopWorkflow(directory, "chain", chain(steps)));
const ids = await Promise.all(Array.from({ length: runs }, () => driver.start(workflow)));

const child = clients === 0 ? null : fork(new URL("./w9-clients.ts", import.meta.url), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
const answering = child === null ? null : collect();
if (child !== null) {
  child.send({ url, token: serving.ownToken, runs: Array.from({ length: clients }, (_, index) => ids[index % runs]) });
  await once(child, "message");
  child.send("begin");
}
const cpu = startCpuMeter();
const began = performance.now();
gate.resolve(null);
await Promise.all(ids.map((id) => driver.rest(id)));
const wallMs = performance.now() - began;
const spent = cpu();
const told = await answering;
if (told !== null && told.wrong > 0) throw new Error(`${told.wrong} clients were not told everything once, in order`);
answer({
  stepsPerS: ((runs * steps) / wallMs) * 1_000,
  ...(told !== null && { lagP50Ms: quantileOf(told.lagsMs, 0.5), lagP99Ms: quantileOf(told.lagsMs, 0.99), eventsTold: told.lagsMs.length }),
  ...cpuPerStep(spent, runs * steps),
});

async function collect(): Promise<ClientsAnswer> {
  for (;;) {
    const [message] = (await once(child as NonNullable<typeof child>, "message")) as [ClientsAnswer | "connected"]; // Asked where there is one.
    if (message !== "connected") return message;
  }
}
