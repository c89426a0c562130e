/** What a store promises about figures of earlier runs. */
import { describe, expect, test } from "vitest";
import { createRunWatch } from "../../observability/anomaly-watch.ts";
import type { Digest, TenantId } from "../../src/core/ids.ts";
import type { SampleQuery } from "../../src/ports/store.ts";
import { runId, Script, T0 } from "./store.entries.ts";
import type { StoreHarness } from "./store.harness.ts";

const ALL: SampleQuery = { tenant: "default" as TenantId, workflow: "build", before: null, endedBefore: T0 + 1_000, limit: 50 };

export function describeSamples({ openReady }: StoreHarness): void {
  describe("samples", () => {
    test("a run that has ended gives time, cost, retries and output size of its steps", async () => {
      const { store, commit } = await openReady();
      const { entries, runId: id } = new Script(1).whole().take();
      await commit({ runId: id, entries });
      const [sample] = store.samples(ALL);
      expect(sample).toEqual({
        runId: id,
        createdAt: T0 + 1,
        endedAt: entries.at(-1)?.at,
        steps: new Map([
          ["compile", { durationMs: 10, costUsd: 0.3, retries: 1, outputBytes: 11 }],
          ["test", { durationMs: 1, costUsd: 0, retries: 0, outputBytes: 11 }],
        ]),
      });
      const watch = createRunWatch([]);
      for (const entry of entries) watch.see(entry);
      expect(watch.steps, "whoever reads the entries counts the same").toEqual(sample?.steps);
    });

    test("an output that is a blob counts with the size of its value", async () => {
      const { store, commit } = await openReady();
      const script = new Script(1).create().begin().queue("compile").start("compile", 1);
      const output = { $blob: "ab".repeat(32) as Digest, bytes: 70_000 };
      script.move("compile", "step.succeeded", "attempt.succeeded", "succeeded", {
        attempt: 1,
        outcome: { kind: "succeeded", output },
        usage: null,
      });
      await commit(script.end().take());
      expect(store.samples(ALL)[0]?.steps.get("compile")?.outputBytes).toBe(70_000);
    });

    test("results that were taken over, given by a person, or those of a time-out are no figures of a step", async () => {
      const { store, commit } = await openReady();
      const script = new Script(1).create().begin().queue("compile").start("compile", 1);
      script.move("compile", "step.succeeded", "attempt.timed_out", "succeeded", {
        attempt: 1,
        outcome: { kind: "timed_out", output: 1 },
        usage: { startedAt: T0, endedAt: T0 + 5 },
      });
      script.move("test", "step.cached", "step.carry", "running.executing", { attempt: 1, from: runId(9) });
      script.move("test", "step.succeeded", "attempt.succeeded", "succeeded", {
        attempt: 1,
        outcome: { kind: "succeeded", output: 1 },
        usage: null,
      });
      const { entries } = script.end().take();
      await commit({ runId: script.id, entries });
      const watch = createRunWatch([]);
      for (const entry of entries) watch.see(entry);
      expect(store.samples(ALL)).toMatchObject([{ runId: script.id, steps: new Map() }]);
      expect(watch.steps).toEqual(new Map());
    });

    test("neither are results out of the step cache, nor those of the items of a fan-out", async () => {
      const { store, commit } = await openReady();
      const script = new Script(1).create().begin().queue("compile").start("compile", 1);
      script.succeed("compile", 1, { startedAt: T0, endedAt: T0 + 1, cache: { hit: true, key: "k" } });
      script.queue("test").start("test", 1);
      script.move("test", "step.expanded", "attempt.fanned", "running.fanned", { attempt: 1, keys: ["a"], items: [1], usage: null });
      script
        .queue("test[a]")
        .start("test[a]", 1)
        .succeed("test[a]", 1, { startedAt: T0, endedAt: T0 + 7, cache: { hit: false, key: "k" } });
      script.move("test", "step.succeeded", "step.joined", "succeeded", { failed: 0, failure: null });
      const { entries } = script.end().take();
      await commit({ runId: script.id, entries });
      const watch = createRunWatch([]);
      for (const entry of entries) watch.see(entry);
      expect(store.samples(ALL)).toMatchObject([{ runId: script.id, steps: new Map() }]);
      expect(watch.steps).toEqual(new Map());
    });

    test("the history of a run is what had ended when it was created, of its tenant and workflow, the latest first", async () => {
      const { store, commit } = await openReady();
      for (const number of [1, 2, 3]) await commit(new Script(number).whole().take());
      await commit(
        new Script(5)
          .create({ tenant: "b" as TenantId })
          .begin()
          .end()
          .take(),
      );
      await commit(new Script(6).create({ workflow: "other" }).begin().end().take());
      await commit(new Script(7).create().begin().take());
      await commit(new Script(8).whole().take());
      const ids = (query: Partial<SampleQuery>) => store.samples({ ...ALL, ...query }).map((run) => run.runId);
      expect(ids({})).toEqual([8, 3, 2, 1].map(runId));
      expect(ids({ limit: 2 })).toEqual([8, 3].map(runId));
      expect(ids({ before: runId(3) })).toEqual([2, 1].map(runId));
      expect(ids({ tenant: "b" as TenantId })).toEqual([runId(5)]);
      expect(ids({ workflow: "other" })).toEqual([runId(6)]);
      const endedAt = store.run(runId(1))?.endedAt ?? 0;
      expect(ids({ endedBefore: endedAt })).toEqual([]);
      expect(ids({ endedBefore: endedAt + 1 })).toHaveLength(4);
    });
  });
}
