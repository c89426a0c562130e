import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openProject } from "../../../src/main/project.ts";
import { startCommand } from "../../support/command.ts";
import { useEngines, waitFor } from "../../support/engine-bench.ts";

const bench = useEngines();

function follow(run: string, ...words: readonly string[]) {
  const { workspace, state, write } = bench.place();
  mkdirSync(join(workspace, "src"));
  const file = write(`name: again\nsteps: [{ id: a, run: ${JSON.stringify(run)} }]\n`);
  const command = startCommand(["run", file, "--on-change", "src/*.ts", "--state", state, ...words], { cwd: workspace });
  const change = (name: string): void => writeFileSync(join(workspace, "src", name), String(Math.random()));
  const views = async () => {
    await using project = await openProject({ state });
    return project
      .list({ limit: 20 })
      .map(({ id, state: of }) => ({ state: of, context: project.snapshot(project.runId(id)).snapshot.start.context }));
  };
  return { ...command, workspace, change, views };
}

test("a file that changes is another run, which knows what changed; Ctrl-C ends it with the exit code of the last run", {
  timeout: 60_000,
}, async () => {
  const command = follow("test ! -e src/broken.ts");
  await command.shows("Waiting for files to change");
  command.change("broken.ts");
  await command.shows("src/broken.ts changed");
  await command.shows("failed");
  command.child.kill("SIGINT");
  expect((await command.ended).code).toBe(1);
  expect((await command.views()).map(({ state, context }) => [state, context.event])).toEqual([
    ["failed", { name: "change", paths: ["src/broken.ts"] }],
    ["succeeded", { name: "change", paths: [] }],
  ]);
});

test("--restart: a change cancels the run that goes on", { timeout: 60_000 }, async () => {
  const command = follow("[ -e src/go.ts ] || { touch began; sleep 60; }", "--restart");
  await waitFor(join(command.workspace, "began"));
  command.change("go.ts");
  await command.shows("src/go.ts changed");
  await command.shows("succeeded");
  command.child.kill("SIGINT");
  expect((await command.ended).code).toBe(0);
  expect((await command.views()).map(({ state }) => state)).toEqual(["succeeded", "canceled"]);
});
