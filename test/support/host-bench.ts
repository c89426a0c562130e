/** The embedded host over a store in memory, with attempts that end when the test says so. */
import { onTestFinished } from "vitest";
import { openStore } from "../../src/adapters/store-sqlite/index.ts";
import type { RunId, StepId } from "../../src/core/ids.ts";
import { createEmbeddedHost } from "../../src/hosts/embedded/host.ts";
import type { EmbeddedHost, EmbeddedHostOptions } from "../../src/hosts/embedded/host-shape.ts";
import { createReadRun } from "../../src/hosts/embedded/read-run.ts";
import type { AttemptOutcome, RunStart } from "../../src/kernel/cause.ts";
import type { CompiledWorkflow } from "../../src/plan/workflow.ts";
import type { AttemptReport, AttemptRunner } from "../../src/ports/attempt-runner.ts";
import type { Store } from "../../src/ports/store.ts";
import { runStart } from "./kernel-run.ts";
import { ManualClock } from "./manual-clock.ts";

export interface HostBench {
  readonly host: EmbeddedHost;
  readonly store: Store;
  readonly clock: ManualClock;
  readonly warnings: string[];
  /** What the host died of. */
  readonly deaths: Error[];
  /** Attempts in flight, as `step/attempt`. */
  readonly attempts: Map<string, (outcome: AttemptOutcome) => void>;
  /** The start of run number `n` of the workflow. */
  startOf(n: number): RunStart;
  start(n: number): Promise<RunId>;
  state(n: number): string;
  step(n: number, step: string): string;
}

export interface HostBenchOptions extends Partial<Omit<EmbeddedHostOptions, "store">> {
  readonly workflow: CompiledWorkflow;
  /** Lets a test put something in the store's way. */
  readonly through?: (store: Store) => Store;
  readonly makeOutput?: AttemptRunner["makeOutput"];
}

export async function openHost({ workflow, through = (store) => store, makeOutput, ...more }: HostBenchOptions): Promise<HostBench> {
  const opened = await openStore({ directory: "", durability: "full", memory: true });
  onTestFinished(() => opened[Symbol.asyncDispose]());
  const { hash, name } = workflow;
  await opened.putDefinition({ hash, name, document: {}, file: "sample.troupe.yaml", createdAt: 1 });
  const store = through(opened);
  const clock = new ManualClock();
  const warnings: string[] = [];
  const deaths: Error[] = [];
  const attempts: HostBench["attempts"] = new Map();
  const attend = (step: StepId, attempt: number): Promise<AttemptReport> =>
    new Promise((resolve) => {
      attempts.set(`${step}/${attempt}`, (outcome) => {
        attempts.delete(`${step}/${attempt}`);
        resolve({ outcome, usage: { startedAt: clock.now(), endedAt: clock.now() }, blobs: [] });
      });
    });
  const host = createEmbeddedHost({
    store,
    ownership: await opened.own("if-dead"),
    runner: {
      run: ({ step, attempt }) => attend(step.id, attempt),
      reattach: ({ step, attempt }) => attend(step.id, attempt),
      makeOutput: makeOutput ?? (() => ({ result: { ok: true, output: null }, blobs: [] })),
    },
    clock,
    read: createReadRun(store, () => workflow),
    limit: 4,
    adopt: "all",
    reach: () => {},
    died: (error) => deaths.push(error),
    warn: (message) => warnings.push(message),
    ...more,
  });
  onTestFinished(() => host.close());
  const startOf = (n: number): RunStart => {
    const runId = `run_${String(n).padStart(32, "0")}` as RunId; // Of the form that ids have.
    return runStart({ runId, definition: hash });
  };
  return {
    host,
    store,
    clock,
    warnings,
    deaths,
    attempts,
    startOf,
    async start(n) {
      await host.start(workflow, startOf(n));
      return startOf(n).runId;
    },
    state: (n) => store.run(startOf(n).runId)?.state ?? "",
    step: (n, step) => store.steps(startOf(n).runId).find((row) => row.step === step)?.state ?? "pending.blocked",
  };
}
