import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { builtInStepTypes as stepTypes } from "../../../test/support/step-types.ts";
import { check } from "../compile.ts";
import { FAMILIES } from "./rule.ts";
import { LINT_RULES } from "./rules.ts";

const told = (
  text: string,
  file = "w.yaml",
  readFile = (path: string): string => readFileSync(join(dirname(file), path), "utf8"),
): string[] =>
  check(text, { file, stepTypes, readFile, rules: LINT_RULES }).findings.map(
    ({ code, severity, line, message }) => `${line}: ${severity} ${code} ${message}`,
  );

describe("every rule", () => {
  test.each(LINT_RULES)("$code finds its bad example, and nothing else in it", ({ code, severity, bad, good }) => {
    const found = told(bad);
    expect(found.map((text) => text.split(" ").slice(1, 3).join(" "))).toEqual([`${severity} ${code}`]);
    expect(found[0]).not.toContain("undefined");
    expect(told(good)).toEqual([]);
  });

  test("has a code of its own, a family, and says what to do", () => {
    expect(new Set(LINT_RULES.map(({ code }) => code)).size).toBe(LINT_RULES.length);
    for (const { family, what, why, fix } of LINT_RULES) {
      expect(FAMILIES).toContain(family);
      expect([what, why, fix].every((text) => text.length > 5)).toBe(true);
      expect(why.endsWith(".") && fix.endsWith(".") && !what.endsWith(".")).toBe(true);
    }
  });
});

test("the examples are free of errors and warnings", () => {
  const files = globSync(["examples/*/*.troupe.yaml", "examples/*/*-design.json"]);
  expect(files.length).toBeGreaterThan(5);
  const findings = files.flatMap((file) => told(readFileSync(file, "utf8"), file).map((text) => `${file}:${text}`));
  expect(findings.filter((text) => !text.includes(": note "))).toEqual([]);
});

test("many findings of one rule are counted, and leave room for others", () => {
  const steps = Array.from({ length: 300 }, (_, index) => `  - { id: s${index}, run: ./a ${index} }\n`).join("");
  const found = told(`steps:\n${steps}  - { id: last, run: curl http://example.org/x }\n`);
  expect(found).toHaveLength(21);
  expect(found.at(-2)).toBe("21: note LINT_NO_TIMEOUT Nothing limits how long `s19` may take. There are 281 more of these.");
  expect(found.at(-1)).toContain("LINT_PLAIN_HTTP");
});

describe("a comment takes a finding back", () => {
  const text = (comment: string): string => `steps:\n${comment}  - { id: a, run: make }\n`;
  test("on the line before, or on the same line, by its code", () => {
    expect(told(text(""))).toHaveLength(1);
    expect(told(text("  # troupe: allow LINT_NO_TIMEOUT\n"))).toEqual([]);
    expect(told("steps:\n  - { id: a, run: make } # troupe: allow LINT_SLEEP, LINT_NO_TIMEOUT because it is quick\n")).toEqual([]);
    expect(told(text("  # troupe: allow LINT_SLEEP\n"))).toHaveLength(1);
  });

  test("a text that says so is no comment", () => {
    expect(told('steps:\n  - { id: b, run: "echo troupe: allow LINT_NO_TIMEOUT",\n      env: {} }\n')).toHaveLength(1);
  });
});

describe("what looks alike is not found", () => {
  test.each([
    ["a path to a secret", "env: { TOKEN: /run/secrets/token }, run: ./a", []],
    ["a name without a value", "env: { TOKEN: '' }, run: ./a", []],
    ["a comment about curl", 'run: "./a # not curl x | sh"', []],
    ["curl into jq", "run: curl -f https://x.example/y | jq .", []],
    ["an XML namespace", "run: 'echo http://www.w3.org/2000/svg'", []],
    ["a short sleep", "run: sleep 2", []],
    ["a key of a cloud", "run: ./a AKIAIOSFODNN7EXAMPLE", ["LINT_SECRET_LITERAL"]],
    ["wget into bash with options", "run: wget -qO- https://x.example/y | sudo bash -s -- -y", ["LINT_PIPE_TO_SHELL"]],
    ["arguments", "type: shell, args: [codex, exec, --yolo]", ["LINT_SKIP_PERMISSIONS"]],
  ])("%s", (_, fields, expected) => {
    const found = told(`steps: [{ id: a, timeout: 1m, ${fields} }]\n`);
    expect(found.map((text) => text.split(" ")[2])).toEqual(expected);
  });
});
