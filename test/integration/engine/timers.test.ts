/** Timers over restarts, jumps of the clock, and runs that wait for them (I-21, I-22, F-13). */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { openStore } from "../../../src/adapters/store-sqlite/index.ts";
import { createReadRun } from "../../../src/hosts/embedded/read-run.ts";
import { createCompiledCache } from "../../../src/main/compiled-cache.ts";
import { declarationsOf } from "../../../src/main/declarations.ts";
import { openEngine } from "../../../src/main/engine.ts";
import type { EventView } from "../../../src/main/index.ts";
import { loadWorkflow } from "../../../src/main/load-workflow.ts";
import { prepareRun } from "../../../src/main/prepare-run.ts";
import { createWorkshop } from "../../../src/main/workshop.ts";
import { elapse } from "../../support/elapse.ts";
import { useEngines, workflowOf } from "../../support/engine-bench.ts";
import { eventually } from "../../support/eventually.ts";

const bench = useEngines();
const retrying = (base: string): string =>
  workflowOf(
    "- id: flaky",
    `  retry: { max: 1, base: ${base}, jitter: none, exit_codes: [3] }`,
    "  run: date +%s%3N >> ledger; [ $TROUPE_ATTEMPT -ge 2 ] || exit 3",
  );
const ledgerOf = (folder: string): readonly number[] =>
  existsSync(join(folder, "ledger")) ? readFileSync(join(folder, "ledger"), "utf8").trim().split("\n").map(Number) : [];

async function eventsOf(run: { events(): AsyncIterable<EventView> }): Promise<readonly string[]> {
  const types: string[] = [];
  for await (const { type } of run.events()) types.push(type);
  return types;
}

test.each([
  ["before it was due", 100],
  ["after it was due", 1_700],
])("a retry whose engine was away, and came back %s, is made once and not early (I-21)", async (_, awayMs) => {
  const first = await bench.open();
  const run = await first.troupe.run(first.write(retrying("1500ms")), { workspace: first.workspace });
  await eventually(() => expect(run.view().steps[0]?.state).toBe("retrying"));
  await first.troupe.stop({ graceMs: 0 });
  await elapse(awayMs);
  const { troupe } = await bench.open({}, first);
  const again = troupe.get(run.id);
  expect((await again.result()).state).toBe("succeeded");
  const [one = 0, two = 0, ...more] = ledgerOf(first.workspace);
  expect(more).toEqual([]);
  expect(two - one).toBeGreaterThanOrEqual(1_500);
  expect((await eventsOf(again)).filter((type) => type === "step.retrying").length).toBe(1);
});

test("the wall clock may step back and forth: nothing fires early, late or twice (F-13, I-22)", async () => {
  const { troupe, workspace, write } = await bench.open();
  const run = await troupe.run(write(retrying("1500ms")), { workspace });
  await eventually(() => expect(run.view().steps[0]?.state).toBe("retrying"));
  const real = Date.now;
  const jump = vi.spyOn(Date, "now");
  for (const hours of [-1, 1, 24 * 3650]) {
    jump.mockImplementation(() => real() + hours * 3_600_000);
    await elapse(60);
  }
  expect(ledgerOf(workspace).length).toBe(1);
  const { durationMs } = await run.result();
  jump.mockRestore();
  const [one = 0, two = 0, ...more] = ledgerOf(workspace);
  expect(more).toEqual([]);
  expect(two - one).toBeGreaterThanOrEqual(1_500);
  expect(durationMs).toBeGreaterThanOrEqual(1_500);
  expect(durationMs).toBeLessThan(600_000); // The clock stepped by hours.
});

test("an engine whose clock is ten years ahead fires what is overdue once; one an hour behind waits (F-13, I-21)", async () => {
  const first = await bench.open();
  const run = await first.troupe.run(first.write(retrying("30s")), { workspace: first.workspace });
  await eventually(() => expect(run.view().steps[0]?.state).toBe("retrying"));
  await first.troupe.stop({ graceMs: 0 });
  const real = Date.now;
  const jump = vi.spyOn(Date, "now");
  jump.mockImplementation(() => real() - 3_600_000);
  const behind = await bench.open({}, first);
  await elapse(100);
  expect(behind.troupe.get(run.id).view().steps[0]?.state).toBe("retrying");
  await behind.troupe.stop({ graceMs: 0 });
  jump.mockImplementation(() => real() + 10 * 365 * 24 * 3_600_000);
  const ahead = await bench.open({}, first);
  const view = await ahead.troupe.get(run.id).result();
  jump.mockRestore();
  expect(view.state).toBe("succeeded");
  expect(view.steps[0]?.durationMs).toBeGreaterThanOrEqual(0);
  expect(ledgerOf(first.workspace).length).toBe(2);
});

test("six hundred runs that wait for far timers leave memory, and wake when they are due", async () => {
  let isOpen = false;
  const functions = {
    knock() {
      if (!isOpen) throw Object.assign(new Error("closed"), { class: "transient" });
      return "in";
    },
  };
  const { state, workspace, write } = bench.place();
  await using store = await openStore({ directory: state, durability: "relaxed" });
  await using workshop = createWorkshop({ directory: state, functions, stepTypes: [] });
  const compiled = createCompiledCache(store, declarationsOf([]));
  const quiet = { warn: () => {}, died: () => {} };
  await using engine = await openEngine({
    store,
    compiled,
    read: createReadRun(store, (hash) => compiled.get(hash)),
    workshop,
    adopt: "all",
    takeover: "if-dead",
    ...quiet,
  });
  const text = workflowOf("- id: knock", "  call: knock", "  retry: { max: 1, base: 7s, jitter: none }");
  const workflow = loadWorkflow(write(text), declarationsOf([]));
  const start = async (): Promise<void> => {
    const { start: prepared, blobs } = prepareRun(workflow, {}, { workspace, profile: null });
    await engine.start(workflow, prepared, blobs, undefined);
  };
  await Promise.all(Array.from({ length: 600 }, start));
  await eventually(() => expect(engine.host.load()).toMatchObject({ activeRuns: 0, inFlight: 0, waiting: 0 }), 6_500);
  expect(store.runs({ limit: 1_001, states: ["running"] }).length).toBe(600);
  isOpen = true;
  await eventually(() => expect(store.runs({ limit: 1_001, states: ["succeeded"] }).length).toBe(600), 20_000);
}, 40_000);
