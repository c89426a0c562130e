/** Engines that crash one after the other (I-18, I-20). */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand, startCommand } from "../../support/command.ts";
import { useEngines, waitFor, workflowOf } from "../../support/engine-bench.ts";

const bench = useEngines();

test("after three crashes within a minute nothing is dispatched by itself, and one run can be resumed (I-20, I-18)", async () => {
  const { workspace, state, write } = bench.place();
  const text = workflowOf("- id: hold", "  run: 'touch begun; until [ -e go ] || [ ! -e begun ]; do sleep 0.02; done; touch done'");
  const first = startCommand(["run", write(text), "--state", state], { cwd: workspace });
  await waitFor(join(workspace, "begun"));
  first.child.kill("SIGKILL");
  await first.ended;
  for (let crash = 2; crash <= 3; crash++) {
    const next = startCommand(["recover", "all", "--state", state], { cwd: workspace });
    await next.shows("to go on with");
    next.child.kill("SIGKILL");
    await next.ended;
  }
  const refused = await runCommand(["recover", "all", "--state", state], { cwd: workspace });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("safe mode") });
  const { troupe } = await bench.open({ warn: () => {} }, { state, workspace, write });
  const [run] = troupe.list();
  expect(troupe.get(run?.id ?? "").view().state).toBe("running");
  await troupe.stop({ graceMs: 0 });
  writeFileSync(join(workspace, "go"), "");
  const resumed = await runCommand(["resume", "--state", state, "-o", "json"], { cwd: workspace });
  // The command outlived its engines; three crashes within its attempt put it before a person, unless its end was seen first.
  expect(resumed.code).toBeOneOf([0, 5]);
});
