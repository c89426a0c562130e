/** That an engine tells, while runs go on and across its deaths, exactly what the journal says afterwards (ADR-0012). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunId, StepId, TenantId } from "../src/core/ids.ts";
import type { JsonObject } from "../src/core/json.ts";
import type { EntryType, JournalEntry } from "../src/kernel/entry.ts";
import { findAnomalies } from "../src/main/report/anomalies.ts";
import type { Anomaly } from "../src/ports/anomaly.ts";
import type { CommittedEntry, ObservedRun } from "../src/ports/observer.ts";
import type { RunSample, SampleQuery } from "../src/ports/store.ts";
import { createAnomalyObserver } from "./anomaly.ts";
import { createRunWatch } from "./anomaly-watch.ts";
import { createBudget } from "./budget.ts";

const TENANT = "default" as TenantId;
const STEP = "fetch" as StepId;
const UNLIMITED = createBudget({ share: 1, reserveMs: 0, now: () => 0 });

interface Journal {
  readonly run: ObservedRun;
  readonly entries: JournalEntry[];
}

/** Runs of one step each, by number of their creation, and what a store answers about them. */
class World {
  readonly #journals = new Map<RunId, Journal>();
  readonly #order: RunId[] = [];
  now = 1_000;

  write(number: number, type: EntryType, to: string, data: JsonObject = {}): CommittedEntry {
    const runId = `run_${number}` as RunId;
    let journal = this.#journals.get(runId);
    if (journal === undefined) {
      const run = {
        runId,
        tenant: TENANT,
        workflow: number % 5 === 4 ? "other" : "build",
        definition: { steps: [STEP] },
      } as unknown as ObservedRun; // What the observer reads of it.
      journal = { run, entries: [] };
      this.#journals.set(runId, journal);
      this.#order.push(runId);
    }
    const actor: JournalEntry["actor"] = type.startsWith("run.") ? "run" : STEP;
    const entry = { seq: journal.entries.length + 1, actor, type, on: "", from: "", to, data, causeId: "" as never, at: this.now };
    journal.entries.push(entry);
    return { run: journal.run, entry };
  }

  readonly reads: SampleQuery[] = [];

  readonly store = {
    samples: (query: SampleQuery): readonly RunSample[] => {
      this.reads.push(query);
      const { workflow, before, endedBefore, limit } = query;
      const older = before === null ? this.#order : this.#order.slice(0, this.#order.indexOf(before));
      const samples = older.flatMap((runId): RunSample[] => {
        const { run, entries } = this.#journals.get(runId) as Journal; // In the order is what is there.
        const end = entries.find(({ type }) => type === "run.succeeded");
        if (run.workflow !== workflow || end === undefined || end.at >= endedBefore) return [];
        const watch = createRunWatch([]);
        for (const entry of entries) watch.see(entry);
        return [{ runId, createdAt: entries[0]?.at ?? 0, endedAt: end.at, steps: watch.steps }];
      });
      return samples.toReversed().slice(0, limit);
    },
    entries: (runId: RunId, after: number, limit: number) => this.#journals.get(runId)?.entries.slice(after, after + limit) ?? [],
  };

  /** What the journal says of every run. */
  found(): string[] {
    return this.#order.flatMap((runId) => {
      const { run, entries } = this.#journals.get(runId) as Journal; // As above.
      const history = this.store.samples({
        tenant: run.tenant,
        workflow: run.workflow,
        before: runId,
        endedBefore: entries[0]?.at ?? 0,
        limit: 50,
      });
      return findAnomalies(history, entries).map((anomaly) => textOf(runId, anomaly));
    });
  }
}

const textOf = (runId: string, anomaly: Anomaly): string => `${runId} ${JSON.stringify(anomaly)}`;

/** The four entries of a run that matter here. */
function nextEntry(world: World, number: number, stage: number, durationMs: number): CommittedEntry {
  const usage = { startedAt: 0, endedAt: durationMs };
  switch (stage) {
    case 0:
      return world.write(number, "run.created", "pending");
    case 1:
      return world.write(number, "step.started", "running.executing", { attempt: 1 });
    case 2:
      return world.write(number, "step.succeeded", "succeeded", { attempt: 1, outcome: { kind: "succeeded", output: 1 }, usage });
    default:
      return world.write(number, "run.succeeded", "succeeded");
  }
}

/** A move: time passes or not, a new run begins or one that runs goes on, the batch ends here or not, the engine dies or not. */
const anyMove = fc.record({
  passes: fc.constantFrom(0, 0, 1, 3),
  pick: fc.nat(5),
  isLong: fc.nat(12).map((roll) => roll === 0),
  endsBatch: fc.boolean(),
  dies: fc.nat(25).map((roll) => roll === 0),
});

describe("the observer", () => {
  test("tells what the journal says afterwards, however runs are mixed and wherever engines die", () => {
    let told = 0;
    fc.assert(
      fc.property(fc.array(anyMove, { minLength: 150, maxLength: 400 }), (moves) => {
        const world = new World();
        const heard: string[] = [];
        const open = () => createAnomalyObserver(world.store, [({ runId }, anomaly) => void heard.push(textOf(runId, anomaly))], UNLIMITED);
        let observer = open();
        const stages: number[] = [];
        let batch: CommittedEntry[] = [];
        for (const { passes, pick, isLong, endsBatch, dies } of moves) {
          world.now += passes;
          const running = stages.flatMap((stage, number) => (stage < 4 ? [number] : []));
          const number = running[pick] ?? stages.length;
          const stage = stages[number] ?? 0;
          stages[number] = stage + 1;
          batch.push(nextEntry(world, number, stage, isLong ? 30_000 + number : 1_000 + number));
          if (!endsBatch) continue;
          observer.committed(batch);
          batch = [];
          if (dies) observer = open();
        }
        observer.committed(batch);
        expect(heard.toSorted()).toEqual(world.found().toSorted());
        told += heard.length;
      }),
      { numRuns: 40, seed: 12, endOnFailure: true },
    );
    process.stdout.write(`${told} anomalies, each told once\n`);
    expect(told).toBeGreaterThan(50);
  });

  function finish(world: World, number: number, durationMs = 1_000): CommittedEntry[] {
    world.now += 1;
    return [0, 1, 2, 3].map((stage) => nextEntry(world, number, stage, durationMs));
  }

  test("reads the store once a workflow, and nothing for what ends afterwards", () => {
    const world = new World();
    const observer = createAnomalyObserver(world.store, []);
    for (let number = 0; number < 50; number += 1) observer.committed(finish(world, number));
    expect(world.reads.map(({ workflow }) => workflow)).toEqual(["build", "other"]);
  });

  test("tells the others when one listener throws, and says so to its publisher", () => {
    const world = new World();
    const heard: Anomaly[] = [];
    const broken = () => {
      throw new Error("no collector");
    };
    const observer = createAnomalyObserver(world.store, [broken, (_, anomaly) => void heard.push(anomaly)], UNLIMITED);
    const numbers = Array.from({ length: 40 }, (_, number) => number).filter((number) => number % 5 !== 4);
    for (const number of numbers) observer.committed(finish(world, number));
    expect(() => observer.committed(finish(world, 50, 60_000))).toThrow("no collector");
    observer.committed(finish(world, 51));
    expect(heard).toMatchObject([{ kind: "duration", step: "fetch", observed: 60_000, baseline: { median: 1_000, samples: 32 } }]);
  });

  test("tells less of an engine at its limits, and its runs are history to later ones all the same", () => {
    const world = new World();
    const heard: Anomaly[] = [];
    const budget = { isSpent: true, spend: () => undefined };
    const observer = createAnomalyObserver(world.store, [(_, anomaly) => void heard.push(anomaly)], budget);
    const numbers = Array.from({ length: 40 }, (_, number) => number).filter((number) => number % 5 !== 4);
    for (const number of numbers) observer.committed(finish(world, number));
    observer.committed(finish(world, 50, 60_000));
    expect(heard).toEqual([]);
    budget.isSpent = false;
    observer.committed(finish(world, 51, 60_000));
    expect(heard).toMatchObject([{ observed: 60_000, baseline: { median: 1_000, samples: 33 } }]);
  });

  test("takes no notice of what comes after a run's end", () => {
    const world = new World();
    const observer = createAnomalyObserver(world.store, []);
    observer.committed(finish(world, 1));
    const reads = world.reads.length;
    observer.committed([nextEntry(world, 1, 2, 5)]);
    expect(world.reads).toHaveLength(reads);
  });
});
