import { expect, test } from "vitest";
import { runStart } from "../../../test/support/kernel-run.ts";
import { buildWorkflow } from "../../../test/support/workflow-builder.ts";
import { createSystemClock } from "../../adapters/clock-system/clock.ts";
import { openStore } from "../../adapters/store-sqlite/index.ts";
import type { AttemptRunner } from "../../ports/attempt-runner.ts";
import { createEmbeddedHost } from "./host.ts";
import { createReadRun } from "./read-run.ts";
import { TURN_ENTRIES_MAX } from "./turn-loop.ts";

const report = { outcome: { kind: "succeeded", output: null }, usage: { startedAt: 0, endedAt: 0 }, blobs: [] } as const;
const runner: AttemptRunner = {
  run: async () => report,
  reattach: async () => report,
  makeOutput: () => ({ result: { ok: true, output: null }, blobs: [] }),
};

test("places are handed out also after a turn that reached its bound", async () => {
  const workflow = buildWorkflow(Array.from({ length: TURN_ENTRIES_MAX + 1 }, (_, index) => ({ id: `s${index}` })));
  await using store = await openStore({ directory: "", durability: "full", memory: true });
  await store.putDefinition({ hash: workflow.hash, name: workflow.name, document: {}, file: workflow.file, createdAt: 0 });
  const host = createEmbeddedHost({
    store,
    ownership: await store.own("if-dead"),
    runner,
    clock: createSystemClock(),
    read: createReadRun(store, () => workflow),
    limit: 1_000,
    adopt: "all",

    reach: () => {},
    died: () => {},
    warn: () => {},
  });
  const start = runStart();
  const ended = new Promise((resolve) => {
    const isEnd = ({ entry }: { readonly entry: { readonly type: string } }): boolean => entry.type === "run.succeeded";
    host.publisher.subscribe({ name: "test", committed: (entries) => entries.some(isEnd) && resolve(null) });
  });
  await host.start(workflow, start);
  await ended;
  expect(store.run(start.runId)?.state).toBe("succeeded");
  await host.close();
});
