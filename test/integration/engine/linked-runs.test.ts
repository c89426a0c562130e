/** Runs made from earlier ones: what they take over, and what they do again (W3, I-12, I-29). */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTroupe } from "../../../src/main/create-troupe.ts";
import { carriedFrom } from "../../../src/main/linked-run.ts";
import { useEngines, workflowOf } from "../../support/engine-bench.ts";
import { KernelRun } from "../../support/kernel-run.ts";
import { buildWorkflow } from "../../support/workflow-builder.ts";

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

test("a retry repeats the step whose handler failed, so that the handler has its turn again", async () => {
  const { troupe, workspace, write } = await bench.open();
  const text = workflowOf(
    "- id: risky",
    "  run: 'echo risky >> ledger; exit 3'",
    "  catch:",
    "    - match: {}",
    "      do: [{ id: fix, run: 'echo fix >> ledger; test -e mended' }]",
  );
  const run = await troupe.run(write(text), { workspace });
  expect((await run.result()).state).toBe("failed");
  const still = await run.retry();
  expect((await still.result()).state).toBe("failed");
  writeFileSync(join(workspace, "mended"), "");
  const again = await (await run.retry()).result();
  expect([again.state, ...again.steps.map(({ state }) => state)]).toEqual(["succeeded", "skipped", "succeeded"]);
  expect(ledgerOf(workspace)).toEqual(["fix", "fix", "fix", "risky", "risky", "risky"]);
});

test("a retry asked of a process that does not own the store takes over large values as they were", async () => {
  const functions = { large: () => ({ text: "x".repeat(60_000) }) };
  const { troupe, workspace, state, write } = await bench.open({ functions });
  await using other = await createTroupe({ state, functions });
  const text = workflowOf(
    "- id: each",
    "  for_each: [1, 2]",
    "  type: function",
    "  call: large",
    "- id: gate",
    "  needs: [each]",
    "  run: 'test -e open'",
    "- id: sum",
    "  needs: [gate]",
    "  check: 'input.word == \"small\" AND (steps.each.output | length) == 2'",
  ).replace("steps:", "input: { word: {} }\nsteps:");
  const run = await troupe.run(write(text), { workspace, input: { word: "small" } });
  expect((await run.result()).state).toBe("failed");
  writeFileSync(join(workspace, "open"), "");
  const again = await (await other.get(run.id).retry()).result();
  expect(again.input).toEqual({ word: "small" });
  expect(again.state).toBe("succeeded");
});

test("a retry asked of a process that does not own the store keeps a large input", async () => {
  const { troupe, workspace, state, write } = await bench.open();
  await using other = await createTroupe({ state });
  const text = workflowOf("- id: gate", "  run: 'test -e open'").replace("steps:", "input: { word: {} }\nsteps:");
  const input = { word: "x".repeat(70_000) };
  const run = await troupe.run(write(text), { workspace, input });
  expect((await run.result()).state).toBe("failed");
  writeFileSync(join(workspace, "open"), "");
  expect(await (await other.get(run.id).retry()).result()).toMatchObject({ state: "succeeded", input });
});

test("results that are carried come in the order of their success", () => {
  const spec = [{ id: "slow", needs: ["quick"] }, { id: "quick" }, { id: "gate", needs: ["slow"] }];
  const run = new KernelRun(buildWorkflow(spec)).create().run("quick").run("slow");
  run.grant("gate");
  run.fail("gate");
  const { carried } = carriedFrom(run.workflow, run.snapshot, { kind: "retry" }, () => expect.fail("nothing large is read here"));
  expect(carried.map(({ step }) => step)).toEqual(["quick", "slow"]);
});
