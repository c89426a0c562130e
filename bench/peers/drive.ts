/** The same workloads for every peer; a peer says how one run is made with its own means. */
import { performance } from "node:perf_hooks";
import { answer, readParameters } from "../meter.ts";
import { type Figures, quantileOf } from "../tally.ts";

/** What a peer has to be able to do. Each call resolves when the end of the run is recorded. */
export interface PeerEngine extends AsyncDisposable {
  /** Steps one after the other, each result durable before the next step; `onStep` is called as each begins. */
  chain(length: number, onStep: () => void): Promise<void>;
  /** Steps that are all ready at once, then one more. */
  fanOut(width: number): Promise<void>;
  /** Parks runs until `dueAt` (epoch milliseconds); null where this peer is not measured. */
  readonly park: ((runs: number, dueAt: number) => { readonly parked: Promise<void>; readonly woken: Promise<void> }) | null;
}

export interface PeerParameters {
  readonly directory: string;
  readonly workload: string;
  readonly runs: number;
  readonly steps: number;
  readonly inFlight: number;
  readonly warmUp: number;
  readonly width: number;
  readonly length: number;
  readonly parkMs: number;
  readonly appendfsync?: "always" | "everysec";
}

/** A step of a queue that knows only jobs: a chain goes from `index` 0 to `last`; an index below 0 is one of many side by side. */
export interface StepJob {
  readonly run: number;
  readonly index: number;
  readonly last: number;
}

interface OpenRun {
  readonly onStep: () => void;
  readonly end: () => void;
  left: number;
}

/** The runs of such a queue, kept in memory: it has none itself. */
export class JobRuns {
  readonly #runs = new Map<number, OpenRun>();
  #next = 0;

  /** `left` counts the jobs side by side; a chain ends with its last. */
  begin(left: number, onStep: () => void): { readonly id: number; readonly ended: Promise<void> } {
    const id = this.#next++;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#runs.set(id, { onStep, end: resolve, left });
    return { id, ended: promise };
  }

  stepBegins({ run }: StepJob): void {
    this.#runs.get(run)?.onStep();
  }

  stepEnded({ run: id, index, last }: StepJob): void {
    const run = this.#runs.get(id);
    if (run === undefined || (index >= 0 ? index < last : --run.left > 0)) return;
    this.#runs.delete(id);
    run.end();
  }
}

export async function drivePeer(open: (parameters: PeerParameters) => Promise<PeerEngine>): Promise<void> {
  const parameters = readParameters<PeerParameters>();
  const engine = await open(parameters);
  let figures: Figures;
  try {
    figures = await measure(engine, parameters);
  } finally {
    await engine[Symbol.asyncDispose]();
  }
  answer(figures);
  process.exit(0);
}

async function measure(engine: PeerEngine, { workload, runs, steps, inFlight, warmUp, width, length, parkMs }: PeerParameters): Promise<Figures> {
  switch (workload) {
    case "w1": {
      await load(engine, warmUp, steps, inFlight);
      const { wallMs, latenciesMs } = await load(engine, runs, steps, inFlight);
      return {
        stepsPerS: ((runs * steps) / wallMs) * 1_000,
        runsPerS: (runs / wallMs) * 1_000,
        p50Ms: quantileOf(latenciesMs, 0.5),
        p99Ms: quantileOf(latenciesMs, 0.99),
      };
    }
    case "w2": {
      for (let round = 0; round < warmUp; round++) await engine.fanOut(width);
      const begin = performance.now();
      await engine.fanOut(width);
      const wallMs = performance.now() - begin;
      return { stepsPerS: ((width + 1) / wallMs) * 1_000, wallMs };
    }
    case "w3": {
      for (let round = 0; round < warmUp; round++) await engine.chain(length, () => {});
      const gapsMs: number[] = [];
      let last = Number.NaN;
      const begin = performance.now();
      await engine.chain(length, () => {
        const now = performance.now();
        if (!Number.isNaN(last)) gapsMs.push(now - last);
        last = now;
      });
      return {
        p50Ms: quantileOf(gapsMs, 0.5),
        p99Ms: quantileOf(gapsMs, 0.99),
        stepsPerS: (length / (performance.now() - begin)) * 1_000,
      };
    }
    case "w4": {
      if (engine.park === null) throw new Error("error: this peer is not measured on W4");
      const begin = performance.now();
      const dueAt = Date.now() + parkMs;
      const { parked, woken } = engine.park(runs, dueAt);
      await parked;
      const parkS = (performance.now() - begin) / 1_000;
      if (Date.now() > dueAt) throw new Error(`error: parking took ${parkS} s, longer than the ${parkMs} ms until the wake-up`);
      await woken;
      return { parkS, wakeS: (Date.now() - dueAt) / 1_000 };
    }
    default:
      throw new Error(`error: no workload ${workload}`);
  }
}

async function load(engine: PeerEngine, runs: number, steps: number, inFlight: number) {
  const latenciesMs: number[] = [];
  let started = 0;
  const lane = async (): Promise<void> => {
    while (started < runs) {
      started += 1;
      const begin = performance.now();
      await engine.chain(steps, () => {});
      latenciesMs.push(performance.now() - begin);
    }
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: Math.min(inFlight, runs) }, lane));
  return { wallMs: performance.now() - begin, latenciesMs };
}
