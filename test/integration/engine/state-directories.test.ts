/** Several state directories on one machine: what happens in one is no affair of the others. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stopProcesses } from "../../../src/main/stop-processes.ts";
import { useEngines, waitFor, workflowOf } from "../../support/engine-bench.ts";

const bench = useEngines();

test("runs with one key in two state directories do not end each other's commands", async () => {
  const text = workflowOf(
    "- id: wait",
    "  run: 'touch begun; until [ -e go ] || [ ! -e begun ]; do sleep 0.02; done; echo done=1 > \"$TROUPE_OUTPUT\"'",
  );
  const [left, right] = [await bench.open(), await bench.open()];
  const [one, other] = [
    await left.troupe.run(left.write(text), { key: "nightly", workspace: left.workspace }),
    await right.troupe.run(right.write(text), { key: "nightly", workspace: right.workspace }),
  ];
  expect(one.id).toBe(other.id);
  await waitFor(join(left.workspace, "begun"), join(right.workspace, "begun"));
  expect(await stopProcesses(left.state, left.project.runId(one.id))).toBeGreaterThan(0);
  expect((await one.result()).state).toBe("failed");
  writeFileSync(join(right.workspace, "go"), "");
  expect(await other.result()).toMatchObject({ state: "succeeded", steps: [{ output: { done: "1" } }] });
});
