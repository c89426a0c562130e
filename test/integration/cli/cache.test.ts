import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { workflowOf } from "../../support/workflow-of.ts";
import { useFolder } from "./in-process.ts";

const folder = useFolder();
const BUILD = workflowOf(
  "- id: build",
  '  run: "mkdir -p out; cat src/* > out/all"',
  "  cache: { files: src/**, produces: [out] }",
  "- id: after",
  "  needs: [build]",
  '  run: "cat out/all"',
);

test("what the cache holds, why a step met it or not, and what was cleared", async () => {
  mkdirSync(join(folder.path, "src"));
  writeFileSync(join(folder.path, "src/a"), "one");
  const file = folder.workflow(BUILD);
  expect((await folder.run(["run", file])).code).toBe(0);
  expect((await folder.run(["cache", "why", "build"])).out).toContain("was a miss: no entry.\n");
  const list = await folder.run(["cache", "ls", "--step", "build", "-o", "jsonl"]);
  expect(JSON.parse(list.out.split("\n")[0] ?? "")).toMatchObject({ step: "build", files: 1 });
  expect((await folder.run(["run", file])).code).toBe(0);
  expect((await folder.run(["cache", "why", "build"])).out).toContain("was a hit");
  expect(await folder.run(["cache", "clear", "--workflow", "nobody"])).toMatchObject({ code: 0, out: "Removed 0 results, 0 B.\n" });
  expect(await folder.run(["cache", "clear", "--step", "build"])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Removed 1 result, [\d.]+ KiB\.\n$/),
  });
  expect(await folder.run(["cache", "why", "after"])).toMatchObject({ code: 2, err: expect.stringContaining("has asked the cache") });
});
