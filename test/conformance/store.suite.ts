/** What every store must hold, against the port only. */
import { afterEach, describe } from "vitest";
import { batchOf, definitionRow } from "./store.entries.ts";
import type { StoreBench, StoreHarness, TestedStore } from "./store.harness.ts";
import { describeBreakers } from "./store-breakers.suite.ts";
import { describeCommits } from "./store-commits.suite.ts";
import { describeData } from "./store-data.suite.ts";
import { describeDeployments } from "./store-deployments.suite.ts";
import { describeRows } from "./store-rows.suite.ts";
import { describeSamples } from "./store-samples.suite.ts";
import { describeTriggers } from "./store-triggers.suite.ts";

export function describeStore(name: string, createBench: () => StoreBench): void {
  describe(`store: ${name}`, () => {
    const opened: TestedStore[] = [];
    let bench: StoreBench | null = null;
    const openFresh = async (): Promise<TestedStore> => {
      bench = createBench();
      const store = await bench.open();
      opened.push(store);
      return store;
    };
    const harness: StoreHarness = {
      openFresh,
      async openReady() {
        const store = await openFresh();
        const { epoch } = await store.own("if-dead");
        await store.putDefinition(definitionRow());
        return { store, epoch, commit: (...appended) => store.commit(epoch, batchOf(...appended)) };
      },
      async reopen(store) {
        if (bench?.reopen == null) return null;
        await store[Symbol.asyncDispose]();
        const again = await bench.reopen();
        opened.push(again);
        return again;
      },
    };
    afterEach(async () => {
      for (const store of opened.splice(0)) await store[Symbol.asyncDispose]();
      await bench?.cleanUp();
      bench = null;
    });
    describeCommits(harness);
    describeRows(harness);
    describeSamples(harness);
    describeData(harness);
    describeBreakers(harness);
    describeDeployments(harness);
    describeTriggers(harness);
  });
}
