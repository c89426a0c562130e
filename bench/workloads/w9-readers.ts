/**
 * W9: a thousand active runs, and clients that follow them. What do the clients cost the runs, and how old is what they are told?
 *
 * With `stepMs` each step takes that long, half as long again or half of it, and the engine has time left; without, runs go on as fast as
 * they can.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { answer, cpuPerStep, readParameters, startCpuMeter } from "../meter.ts";
import { openProject, openServer } from "../server.ts";
import { quantileOf } from "../tally.ts";
import type { ClientsAnswer } from "./w9-clients.ts";
import { chain, writeNoopWorkflow } from "./workflow-file.ts";

interface Parameters {
  readonly directory: string;
  readonly runs: number;
  readonly steps: number;
  readonly stepMs: number;
  readonly clients: number;
}
const { directory, runs, steps, stepMs, clients } = readParameters<Parameters>();
let gate = Promise.withResolvers<void>();
let ended = 0;
let all = Promise.withResolvers<void>();
await using stack = new AsyncDisposableStack();
const noop = async (): Promise<null> => {
  await gate.promise;
  if (stepMs > 0) await setTimeout(stepMs * (0.5 + Math.random()));
  return null;
};
const project = stack.use(await openProject({ state: directory, functions: { noop } }));
const counter = {
  name: "bench",
  committed(entries: readonly { readonly entry: { readonly type: string } }[]): void {
    for (const { entry } of entries) if (entry.type === "run.succeeded" && ++ended === runs) all.resolve();
  },
};
const driver = stack.use(await project.drive({ adopt: "all", maxWorkers: runs, observers: [counter] }));
const warn = (message: string): void => void process.stderr.write(`${message}\n`);
const serving = stack.use(await openServer({ project, driver, rules: [], tenant: "default", allowedHosts: [], version: "0", warn }));
const url = await serving.http.listen({ host: "127.0.0.1", port: 0 });
const workflow = project.load(writeNoopWorkflow(directory, "chain", chain(steps)));

/** Starts all runs, whose first steps wait until the gate is opened. */
async function start(): Promise<string[]> {
  gate = Promise.withResolvers();
  all = Promise.withResolvers();
  ended = 0;
  return await Promise.all(Array.from({ length: runs }, () => driver.start(workflow)));
}
// Warm-up.
await start();
gate.resolve();
await all.promise;

const ids = await start();
const child = clients === 0 ? null : fork(new URL("./w9-clients.ts", import.meta.url), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
const answering = child === null ? null : collect();
if (child !== null) {
  child.send({ url, token: serving.ownToken, runs: Array.from({ length: clients }, (_, index) => ids[index % runs]) });
  await once(child, "message");
  child.send("begin");
}
const cpu = startCpuMeter();
const began = performance.now();
gate.resolve();
await all.promise;
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
