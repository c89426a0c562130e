/** Workflows that are deployed from files, and run by their names. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "../../support/command.ts";
import { useEngines } from "../../support/engine-bench.ts";

const bench = useEngines();

test("a workflow is deployed with the files that it inlines, run by its name, changed and removed", async () => {
  const { workspace, state } = bench.place();
  const run = (...words: readonly string[]) => runCommand([...words, "--state", state], { cwd: workspace, env: { TROUPE_USER: "ada" } });
  const file = join(workspace, "greeting.yaml");
  writeFileSync(join(workspace, "text.txt"), "hello {{ input.to }}");
  writeFileSync(
    file,
    "name: greet\ninput: { to: { type: string, default: you } }\nsteps:\n  - { id: a, type: template, template_file: text.txt }\n",
  );
  expect((await run("workflows", "ls")).code).toBe(2);
  const first = await run("deploy", "greeting.yaml", "-o", "json");
  expect(JSON.parse(first.stdout)).toMatchObject([{ name: "greet", outcome: "created", file: "greeting.yaml" }]);
  const started = await run("run", "greet", "-i", "to=me", "-o", "json");
  expect([started.code, JSON.parse(started.stdout)]).toEqual([0, expect.objectContaining({ workflow: "greet", state: "succeeded" })]);
  const shown = await run("workflows", "show", "greet");
  expect(shown.stdout).toContain("hello {{ input.to }}");
  writeFileSync(file, 'name: greet\nsteps:\n  - { id: a, type: template, template: "bye" } # said last\n');
  expect((await run("deploy", "greeting.yaml")).stdout).toContain("changed");
  expect((await run("workflows", "show", "greet")).stdout).toContain("# said last");
  const { history } = JSON.parse((await run("workflows", "show", "greet", "-o", "json")).stdout) as { history: { version: string }[] };
  expect(history).toHaveLength(2);
  expect((await run("workflows", "show", "greet", "--at", history[1]?.version.slice(0, 8) ?? "")).stdout).toContain("hello");
  expect((await run("workflows", "ls")).stdout).toMatch(/greet +[0-9a-f]{12} +2 +1 +ada/);
  expect((await run("workflows", "remove", "greet")).code).toBe(0);
  expect((await run("workflows", "remove", "greet")).stderr).toContain("WORKFLOW_NOT_FOUND");
  writeFileSync(file, "steps: [\n");
  expect([(await run("deploy", "greeting.yaml")).code, (await run("verify")).code]).toEqual([2, 0]);
}, 180_000);
