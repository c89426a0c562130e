/** The example of docs/testing.md is run as it stands there. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { declarationsOf } from "../../src/main/declarations.ts";
import { readTests } from "../../src/main/workflow-test/read-tests.ts";
import { runTestFile } from "../../src/main/workflow-test/run-tests.ts";

const folder = mkdtempSync(join(tmpdir(), "troupe-docs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the test of docs/testing.md passes on the workflow of docs/testing.md", async () => {
  const text = readFileSync(new URL("../../docs/testing.md", import.meta.url), "utf8");
  const blocks = [...text.matchAll(/```yaml\n# (?:test|workflow): (\S+)\n([\s\S]*?)```/g)];
  expect(blocks.map(([, name]) => name)).toEqual(["deploy.test.yaml", "deploy.troupe.yaml"]);
  for (const [, name = "", body = ""] of blocks) writeFileSync(join(folder, name), body);
  const stepTypes = declarationsOf([]);
  const { cases } = await runTestFile(readTests(join(folder, "deploy.test.yaml"), stepTypes), { stepTypes });
  expect(cases.map(({ name, problems }) => ({ name, problems }))).toEqual(cases.map(({ name }) => ({ name, problems: [] })));
});
