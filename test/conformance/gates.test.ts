/**
 * A gate that sees nothing looks like a gate that finds nothing. Here each gate meets planted violations (`test/canary/`) and must
 * report exactly those; and the real tree, where it must have looked at no less than the recorded number of files.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROMISE_LINT } from "../../tools/check.ts";
import { checkLayers, FLOOR } from "../../tools/check-layers.ts";
import { checkSource, rules, SOURCE_FLOOR } from "../../tools/check-source.ts";
import { findCycles } from "../../tools/find-cycles.ts";

const root = join(import.meta.dirname, "../..");
const canary = join(root, "test/canary");

function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function run(command: string, args: readonly string[], cwd: string): string {
  return spawnSync(join(root, "node_modules/.bin", command), args, { cwd, encoding: "utf8", maxBuffer: 1 << 26 }).stdout;
}

test("the layer check reports each planted violation once", () => {
  const { problems, files, imports } = checkLayers(join(canary, "layers"));
  expect(count(problems.map((problem) => problem.kind))).toEqual({
    layer: 2,
    sibling: 3,
    door: 1,
    module: 7,
    development: 1,
    unresolved: 2,
    homeless: 1,
    computed: 2,
    parse: 1,
    impure: 5,
    cycle: 1,
  });
  expect({ files, imports }).toEqual({ files: 18, imports: 24 });
});

test("the layer check finds nothing in the real tree and has seen it", () => {
  const { problems, files, imports } = checkLayers(root);
  expect(problems).toEqual([]);
  expect(files).toBeGreaterThanOrEqual(FLOOR.files);
  expect(imports).toBeGreaterThanOrEqual(FLOOR.imports);
});

test("a cycle through several files is one cycle, and a path that only meets itself again is none", () => {
  const edges = new Map([
    ["a", ["b", "d"]],
    ["b", ["c"]],
    ["c", ["a"]],
    ["d", ["e"]],
    ["e", []],
    ["f", ["f", "a"]],
  ]);
  expect(findCycles(edges).map((members) => members.sort())).toEqual([["a", "b", "c"], ["f"]]);
});

test("the source gate reports each planted violation", () => {
  const { problems } = checkSource(join(canary, "source"));
  expect(count(problems.map((problem) => `${problem.file}: ${problem.rule}`))).toEqual({
    "docs/paths.md: machine path": 1,
    "docs/paths.md: unfinished work": 1,
    "src/core/sandbox.ts: eval": 2,
    "src/core/sandbox.ts: new Function": 2,
    "src/core/sandbox.ts: node:vm": 1,
    "src/core/sandbox.ts: sandbox package": 2,
    "src/core/sandbox.ts: unfinished work": 1,
    "test/switched-off.test.ts: retried test": 1,
    "test/switched-off.test.ts: skipped test": 3,
    "test/switched-off.test.ts: sleep in a test": 3,
    "test/switched-off.test.ts: test that says should": 1,
  });
  expect(new Set(problems.map((problem) => problem.rule)).size).toBe(rules.length);
});

test("the source gate finds nothing in the real tree and has seen it", () => {
  const { problems, files } = checkSource(root);
  expect(problems).toEqual([]);
  expect(files).toBeGreaterThanOrEqual(SOURCE_FLOOR);
});

test("the linter reports exactly the planted violations", () => {
  const folder = mkdtempSync(join(tmpdir(), "lint-canary-"));
  try {
    cpSync(join(canary, "lint"), folder, { recursive: true });
    const statements = Array.from({ length: 81 }, (_, index) => `  total += ${index};`).join("\n");
    writeFileSync(
      join(folder, "src/main/long-function.ts"),
      `export function sum(): number {\n  let total = 0;\n${statements}\n  return total;\n}\n`,
    );
    writeFileSync(
      join(folder, "src/main/long-file.ts"),
      Array.from({ length: 501 }, (_, index) => `export const n${index} = ${index};\n`).join(""),
    );
    const settings = JSON.parse(readFileSync(join(root, "biome.json"), "utf8"));
    // The copy stands outside the repository, so there is no git to ask.
    writeFileSync(join(folder, "biome.json"), JSON.stringify({ ...settings, $schema: undefined, vcs: undefined }));
    const report: { diagnostics: { category: string; severity: string }[] } = JSON.parse(
      run("biome", ["lint", "--reporter=json", "."], folder),
    );
    expect(count(report.diagnostics.map((found) => found.category.replace(/^lint\//, "")))).toEqual({
      "complexity/noExcessiveLinesPerFunction": 1,
      "correctness/noUnusedVariables": 1,
      "nursery/noFloatingPromises": 1,
      "nursery/noImpliedEval": 1,
      "nursery/noMisusedPromises": 1,
      "nursery/useExhaustiveSwitchCases": 1,
      "performance/noReExportAll": 1,
      "style/noDefaultExport": 1,
      "style/noEnum": 1,
      "style/noExcessiveLinesPerFile": 1,
      "style/noNamespace": 1,
      "style/noParameterProperties": 1,
      "style/noRestrictedGlobals": 14,
      "style/useErrorCause": 1,
      "style/useFilenamingConvention": 1,
      "suspicious/noExplicitAny": 1,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the promise pass sees forgotten promises of our own and of other packages' types", () => {
  const output = run("oxlint", [...PROMISE_LINT, "-f", "json", "--tsconfig", "test/canary/lint/tsconfig.json", "test/canary/lint"], root);
  const report: { diagnostics: { code: string }[]; number_of_files: number } = JSON.parse(output);
  expect(count(report.diagnostics.map((found) => found.code))).toEqual({
    "typescript(no-floating-promises)": 2,
    "typescript(no-misused-promises)": 1,
  });
});

test("the compiler refuses syntax that Node cannot strip", () => {
  const output = run("tsc", ["-p", "test/canary/lint/tsconfig.json"], root);
  expect(count([...output.matchAll(/planted\.ts.*error (TS1294)/g)].map((match) => match[1] ?? ""))).toEqual({ TS1294: 3 });
});
