/** What is got ready before the first step needs it: only by an engine, and only what a workflow will need. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTroupe } from "../../../src/main/index.ts";
import { useEngines, workflowOf } from "../../support/engine-bench.ts";

const bench = useEngines();
const COMMAND = workflowOf("- id: say", "  run: echo hi");
const KEPT = workflowOf("- id: say", "  run: echo hi", "  cache: true");
const CHECK = workflowOf("- id: right", "  type: assert", "  checks: [{ check: 1 == 1 }]");

const hasParent = (state: string): boolean => existsSync(join(state, "supervisor", "supervisor.log"));

test("loading a workflow with commands starts their parent, and its first run uses it", async () => {
  const { state, workspace, write } = bench.place();
  await using troupe = await createTroupe({ state });
  const workflow = troupe.load(write(COMMAND));
  expect(hasParent(state)).toBe(true);
  expect((await (await troupe.run(workflow, { workspace })).result()).state).toBe("succeeded");
});

test("a workflow without commands, or whose commands may all be in the cache, starts none", async () => {
  const { state, write } = bench.place();
  await using troupe = await createTroupe({ state });
  troupe.load(write(CHECK));
  troupe.load(write(KEPT));
  expect(hasParent(state)).toBe(false);
});

test("a process that is not the engine starts none, nor does one that has been closed", async () => {
  const { state, write } = bench.place();
  await using _engine = await createTroupe({ state });
  await using guest = await createTroupe({ state });
  const file = write(COMMAND);
  guest.load(file);
  expect(hasParent(state)).toBe(false);
  const other = bench.place();
  const closed = await createTroupe({ state: other.state });
  await closed.stop();
  closed.load(file);
  expect(hasParent(other.state)).toBe(false);
});
