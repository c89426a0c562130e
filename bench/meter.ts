/** What a workload's process uses to measure itself and to answer. */
import { readdirSync, readFileSync } from "node:fs";
import type { Figures } from "./tally.ts";

/** CPU time since the meter was made, in microseconds. Unlike wall time it hardly depends on what else the machine does. */
export interface CpuTime {
  readonly mainUs: number;
  /** The store's writer; 0 where threads cannot be told apart. */
  readonly writerUs: number;
  /** The whole process, with the collector's and the compiler's threads. */
  readonly allUs: number;
}

export function startCpuMeter(): () => CpuTime {
  const all = process.cpuUsage();
  const main = process.threadCpuUsage();
  const writer = readThreadCpuUs("store-writer");
  return () => {
    const spentAll = process.cpuUsage(all);
    const spentMain = process.threadCpuUsage(main);
    return {
      allUs: spentAll.user + spentAll.system,
      mainUs: spentMain.user + spentMain.system,
      writerUs: readThreadCpuUs("store-writer") - writer,
    };
  };
}

/** Linux counts a thread's time in hundredths of a second. */
const US_PER_TICK = 10_000;

function readThreadCpuUs(name: string): number {
  try {
    let ticks = 0;
    for (const thread of readdirSync("/proc/self/task")) {
      const stat = readFileSync(`/proc/self/task/${thread}/stat`, "utf8");
      if (!stat.includes(`(${name}`)) continue;
      // Fields count from the end of the name, which may hold blanks: 11 and 12 are user and system time.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      ticks += Number(fields[11]) + Number(fields[12]);
    }
    return ticks * US_PER_TICK;
  } catch {
    return 0;
  }
}

/** The parameters that `run.ts` handed to this process. */
export function readParameters<TParameters>(): TParameters {
  return JSON.parse(process.argv[2] ?? "{}") as TParameters; // Made by `run.ts` from the table beside it.
}

/** Answers `run.ts`; the last line of standard output is the answer. */
export function answer(figures: Figures): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

/** Collects garbage where the process was started with --expose-gc, so that memory is what is held. */
export function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

export function cpuPerStep({ mainUs, writerUs, allUs }: CpuTime, steps: number): Figures {
  return { mainCpuUsPerStep: mainUs / steps, writerCpuUsPerStep: writerUs / steps, cpuUsPerStep: allUs / steps };
}
