/**
 * W10: what watching costs. W1 on two engines of one process that take turns, one plain and one watched, so that a machine that slows down
 * slows both; the figure is the median over the pairs. Spans go to a collector that keeps nothing, metrics are asked for as often as our Prometheus does.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { answer, type CpuTime, readParameters, startCpuMeter } from "../meter.ts";
import { medianOf } from "../tally.ts";
import { type CompiledWorkflow, createTroupe, type Troupe } from "../troupe.ts";
import { loadRuns } from "./load-runs.ts";
import { chain, writeNoopWorkflow } from "./workflow-file.ts";

interface Watching {
  readonly metrics: boolean;
  readonly traces: boolean;
}

const { directory, runs, steps, inFlight, pairs, metrics, traces } = readParameters<
  { directory: string; runs: number; steps: number; inFlight: number; pairs: number } & Watching
>();

interface Engine {
  readonly troupe: Troupe;
  readonly workflow: CompiledWorkflow;
}

async function openEngine(name: string, watching: Watching | null): Promise<Engine> {
  const state = join(directory, name);
  mkdirSync(state);
  const warn = (message: string): void => {
    const [url] = /http:\S+\/metrics/.exec(message) ?? [];
    if (url === undefined) throw new Error(message);
    sink.send({ scrape: url });
  };
  const telemetry = watching && { telemetry: watching.metrics ? { metricsPort: 0 } : {} };
  const troupe = await createTroupe({ state, functions: { noop: () => null }, maxWorkers: inFlight, warn, ...telemetry });
  return { troupe, workflow: troupe.load(writeNoopWorkflow(state, "chain", chain(steps))) };
}

interface Cost {
  readonly wallMs: number;
  readonly cpu: CpuTime;
}

async function measureOnce({ troupe, workflow }: Engine): Promise<Cost> {
  const cpu = startCpuMeter();
  const { wallMs } = await loadRuns(troupe, workflow, runs, inFlight);
  return { wallMs, cpu: cpu() };
}

const sink = fork(new URL("./otlp-sink.ts", import.meta.url), { stdio: "ignore" });
const [port] = await once(sink, "message");
await using stack = new AsyncDisposableStack();
const plain = await openEngine("plain", null);
stack.use(plain.troupe);
if (traces) {
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${port}`;
  // Tracing has its share of all time that passes (2 % where nobody says otherwise), and this engine works in half of it.
  process.env.TROUPE_TRACING_PERCENT ??= "1";
}
const watched = await openEngine("watched", { metrics, traces });
stack.use(watched.troupe);
stack.defer(() => void sink.disconnect());

await measureOnce(plain);
await measureOnce(watched);
const costs: { readonly off: Cost; readonly on: Cost }[] = [];
for (let pair = 0; pair < pairs; pair += 1) {
  // Who goes first alternates: garbage of the one is collected in the time of the other.
  const isOffFirst = pair % 2 === 0;
  const first = await measureOnce(isOffFirst ? plain : watched);
  const second = await measureOnce(isOffFirst ? watched : plain);
  costs.push(isOffFirst ? { off: first, on: second } : { off: second, on: first });
}
const percentMore = (figure: (cost: Cost) => number): number => medianOf(costs.map(({ off, on }) => (figure(on) / figure(off) - 1) * 100));
const perStep = (figure: (cost: Cost) => number, which: "off" | "on"): number =>
  medianOf(costs.map((pair) => figure(pair[which]) / (runs * steps)));
answer({
  wallOverheadPercent: percentMore(({ wallMs }) => wallMs),
  mainCpuOverheadPercent: percentMore(({ cpu }) => cpu.mainUs),
  cpuOverheadPercent: percentMore(({ cpu }) => cpu.allUs),
  plainMainCpuUsPerStep: perStep(({ cpu }) => cpu.mainUs, "off"),
  watchedMainCpuUsPerStep: perStep(({ cpu }) => cpu.mainUs, "on"),
  plainStepsPerS: 1_000 / perStep(({ wallMs }) => wallMs, "off"),
});
