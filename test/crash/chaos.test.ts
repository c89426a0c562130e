/** `troupe chaos` on a workflow of its user (X3): real kills of real engines. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { differences } from "../../src/cli/chaos/compare-lives.ts";
import type { RunView } from "../../src/main/index.ts";
import { runCommand } from "../support/command.ts";
import { workflowOf } from "../support/workflow-of.ts";

const folder = mkdtempSync(join(tmpdir(), "troupe-chaos-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a workflow that keeps its promises has the same outcome wherever its engine is killed", async () => {
  const file = join(folder, "flow.troupe.yaml");
  writeFileSync(
    file,
    workflowOf('- { id: a, run: \'echo "{\\"n\\": 1}" > "$TROUPE_OUTPUT"\' }', "- { id: b, check: 'steps.a.output.n == 1' }"),
  );
  const { code, stdout } = await runCommand(["chaos", file, "-o", "json"], { cwd: folder });
  expect(code).toBe(0);
  const { kills, state, broken } = JSON.parse(stdout);
  expect({ state, broken }).toEqual({ state: "succeeded", broken: [] });
  expect(kills).toBeGreaterThan(5);
}, 400_000);

test("a different outcome is told step by step", () => {
  const step = { id: "a", state: "succeeded", output: { n: 1 } };
  const view = (parts: object): RunView => ({ state: "succeeded", output: null, steps: [step], ...parts }) as unknown as RunView; // All that is compared.
  expect(differences(view({}), view({}))).toEqual([]);
  expect(differences(view({}), view({ state: "failed", steps: [{ ...step, output: { n: 2 } }] }))).toEqual([
    "the run is failed, not succeeded",
    'the output of `a` is {"n":2}, not {"n":1}',
  ]);
});
