/** Starts many runs with a bound on how many are under way, and waits until each of them has ended on disk. */
import { performance } from "node:perf_hooks";
import type { CompiledWorkflow, Troupe } from "../troupe.ts";

export interface Load {
  readonly wallMs: number;
  /** From the call that starts a run to its recorded end. */
  readonly latenciesMs: readonly number[];
}

export async function loadRuns(troupe: Troupe, workflow: CompiledWorkflow, runs: number, inFlight: number): Promise<Load> {
  const startedAt = new Map<string, number>();
  const latenciesMs: number[] = [];
  const all = Promise.withResolvers<void>();
  let started = 0;

  async function start(): Promise<void> {
    started += 1;
    const at = performance.now();
    const { id } = await troupe.run(workflow);
    startedAt.set(id, at);
  }
  const startOrFail = (): void => void start().catch(all.reject);

  using _observer = troupe.subscribe({
    name: "bench",
    committed(entries) {
      for (const {
        run: { runId },
        entry,
      } of entries) {
        if (entry.actor !== "run") continue;
        if (entry.type === "run.failed" || entry.type === "run.quarantined")
          all.reject(new Error(`${runId}: ${JSON.stringify(entry.data)}`));
        if (entry.type !== "run.succeeded") continue;
        latenciesMs.push(performance.now() - (startedAt.get(runId) ?? Number.NaN));
        startedAt.delete(runId);
        if (started < runs) startOrFail();
        if (latenciesMs.length === runs) all.resolve();
      }
    },
  });
  if (runs === 0) all.resolve();
  const begin = performance.now();
  while (started < Math.min(runs, inFlight)) startOrFail();
  await all.promise;
  return { wallMs: performance.now() - begin, latenciesMs };
}
