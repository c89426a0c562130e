/** An engine that dies between the record of an attempt and its start (F-1, I-14). */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "../../support/command.ts";
import { useEngines, workflowOf } from "../../support/engine-bench.ts";

const bench = useEngines();

test("loses nothing by it: even what may happen only once is started by the next engine, under its own number", async () => {
  const { workspace, state, write } = bench.place();
  const file = write(workflowOf("- id: pay", "  side_effect: once", "  run: 'echo \"$TROUPE_ATTEMPT\" >> ledger'"));
  const killed = await runCommand(["run", file, "--state", state], { cwd: workspace, env: { TROUPE_CRASH_AT: "after-commit:1" } });
  expect(killed.signal).toBe("SIGKILL");
  expect(existsSync(join(workspace, "ledger"))).toBe(false);
  const { code, stdout } = await runCommand(["resume", "--state", state, "-o", "json"], { cwd: workspace });
  const view = JSON.parse(stdout) as { readonly state: string; readonly steps: readonly { readonly attempts: number }[] }; // A run.
  expect({ code, state: view.state, attempts: view.steps[0]?.attempts }).toEqual({ code: 0, state: "succeeded", attempts: 1 });
  expect(readFileSync(join(workspace, "ledger"), "utf8")).toBe("1\n");
});
