/** Runs made from earlier ones: what they take over, and what they do again (W3, I-12, I-29). */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useEngines, workflowOf } from "../../support/engine-bench.ts";

const bench = useEngines();
const TEXT = workflowOf(
  "- id: first",
  "  stdout: text",
  "  run: echo first >> ledger; echo one",
  "- id: beside",
  "  run: echo beside >> ledger",
  "- id: middle",
  "  needs: [first]",
  "  stdout: text",
  "  run: echo middle >> ledger; cat weather",
  "- id: last",
  "  stdout: text",
  "  run: echo last >> ledger; echo {{ steps.first.output }} {{ steps.middle.output }}",
);
const ledgerOf = (folder: string): readonly string[] => readFileSync(join(folder, "ledger"), "utf8").trim().split("\n").toSorted();

test("a retry takes over what succeeded and repeats what failed, in the world as it is now", async () => {
  const { troupe, workspace, write } = await bench.open();
  const failed = await troupe.run(write(TEXT), { workspace });
  const before = await failed.result();
  expect([before.state, ...before.steps.map(({ state }) => state)]).toEqual(["failed", "succeeded", "succeeded", "failed", "skipped"]);
  writeFileSync(join(workspace, "ledger"), "");
  writeFileSync(join(workspace, "weather"), "sunny");
  const again = await failed.retry();
  const after = await again.result();
  expect(after).toMatchObject({ state: "succeeded", parent: { runId: failed.id, relation: "retry" } });
  expect(after.steps.map(({ output, cached }) => ({ output, cached }))).toEqual([
    { output: "one", cached: true },
    { output: null, cached: true },
    { output: "sunny", cached: false },
    { output: "one sunny", cached: false },
  ]);
  expect(ledgerOf(workspace).filter((line) => line !== "")).toEqual(["last", "middle"]);
  expect(failed.view().state).toBe("failed");
});

test("a fork repeats its step and all that needs it, and keeps the definition that the run was started with (I-29)", async () => {
  const { troupe, workspace, write } = await bench.open();
  writeFileSync(join(workspace, "weather"), "rainy");
  const run = await troupe.run(write(TEXT), { workspace });
  expect((await run.result()).state).toBe("succeeded");
  writeFileSync(join(workspace, "ledger"), "");
  writeFileSync(join(workspace, "weather"), "windy");
  write(workflowOf("- id: other", "  run: touch edited"));
  const fork = await run.fork("middle");
  expect((await fork.result()).steps.map(({ id, output }) => [id, output])).toContainEqual(["last", "one windy"]);
  expect(ledgerOf(workspace).filter((line) => line !== "")).toEqual(["last", "middle"]);
  expect(existsSync(join(workspace, "edited"))).toBe(false);
  await expect(run.fork("nowhere")).rejects.toMatchObject({ code: "STEP_NOT_FOUND" });
});

test("a run that has not finished cannot be retried", async () => {
  const { troupe, workspace, write } = await bench.open();
  const run = await troupe.run(write(workflowOf("- id: hold", "  run: sleep 30")), { workspace });
  await expect(run.retry()).rejects.toMatchObject({ code: "RUN_NOT_FINISHED" });
  await run.cancel();
  await run.result();
});
