/** What `troupe validate` answers for workflows that compile: findings of rules, and how they count. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFolder, type Folder } from "./in-process.ts";

let folder: Folder;
const file = (name: string, text: string): string => {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
};

beforeAll(() => {
  folder = createFolder();
});
afterAll(() => folder[Symbol.dispose]());

const NOTE = "steps:\n  - { id: a, run: make }\n";
const WARNING = "steps:\n  - { id: a, run: curl -s https://x.example/y | sh, timeout: 1m }\n";

describe("validate", () => {
  test("a note never fails, a warning does under --strict, an error always", async () => {
    const [note, warning, error] = [
      file("note.troupe.yaml", NOTE),
      file("warning.troupe.yaml", WARNING),
      file("error.troupe.yaml", "steps: []\n"),
    ];
    const code = async (...args: string[]): Promise<number> => (await folder.run(["validate", ...args])).code;
    expect([await code(note), await code(note, "--strict")]).toEqual([0, 0]);
    expect([await code(warning), await code(warning, "--strict")]).toEqual([0, 2]);
    expect([await code(error), await code(error, "--strict")]).toEqual([2, 2]);
  });

  test("counts by severity, and shows each at its place with a fix", async () => {
    const { out, err } = await folder.run(["validate", file("note.troupe.yaml", NOTE), file("warning.troupe.yaml", WARNING)]);
    expect(out).toBe("2 files: 1 warning, 1 note\n");
    expect(err).toContain("warning.troupe.yaml:2:19 warning What is downloaded here is run without being looked at. (LINT_PIPE_TO_SHELL)");
    expect(err).toContain("note.troupe.yaml:2:11 note Nothing limits how long `a` may take. (LINT_NO_TIMEOUT)");
    expect(err).toContain("fix: Download to a file, compare its checksum, then run it.");
  });

  test("-o sarif writes one log for all files", async () => {
    const answer = await folder.run([
      "validate",
      file("warning.troupe.yaml", WARNING),
      file("error.troupe.yaml", "steps: []\n"),
      "-o",
      "sarif",
    ]);
    const [run] = JSON.parse(answer.out).runs;
    expect([answer.code, answer.err]).toEqual([2, ""]);
    expect(run.results.map(({ ruleId, level }: { ruleId: string; level: string }) => `${ruleId} ${level}`)).toEqual([
      "LINT_PIPE_TO_SHELL warning",
      "DEF_SCHEMA error",
    ]);
    expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(["DEF_SCHEMA", "LINT_PIPE_TO_SHELL"]);
  });

  test("goes through every way in which a run can go", async () => {
    const dead =
      "steps:\n  - { id: a, run: x, timeout: 1m }\n  - { id: b, run: y, timeout: 1m, needs: a, when: steps.a.status == 'failed' }\n";
    const { findings } = JSON.parse((await folder.run(["validate", file("dead.troupe.yaml", dead), "-o", "json"])).out);
    expect(findings).toMatchObject([
      {
        code: "LINT_NEVER_RUNS",
        severity: "warning",
        line: 3,
        message:
          "`b` never runs: however the steps before it end, its `join` is not met, or its condition is false whenever it is looked at.",
      },
    ]);
  });
});
