/** What is no workflow at all: each text gets a code, a place and a way out, and none takes long (S-5, S-6). */
import { expect, test } from "vitest";
import { builtInStepTypes } from "../../test/support/step-types.ts";
import { check } from "./compile.ts";

const findings = (text: string) => check(text, { file: "w.yaml", stepTypes: builtInStepTypes }).findings;
const step = "steps: [{ id: a, run: make }]\n";

const bomb = (levels: number): string => {
  let text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (let level = 1; level <= levels; level++)
    text += `a${level}: &a${level} [${Array(10)
      .fill(`*a${level - 1}`)
      .join(", ")}]\n`;
  return text;
};
const mergeBomb = (): string => {
  let text = `a0: &a0 { ${Array.from({ length: 50 }, (_, index) => `k${index}: 1`).join(", ")} }\n`;
  for (let level = 1; level < 30; level++)
    text += `a${level}: &a${level}\n  <<: [${Array(6)
      .fill(`*a${level - 1}`)
      .join(", ")}]\n  own${level}: 1\n`;
  return text;
};

const cases: readonly [name: string, text: string, code: string, line: number, column: number][] = [
  ["an empty file", "", "DEF_EMPTY", 1, 1],
  ["only a comment", "# nothing\n", "DEF_EMPTY", 1, 1],
  ["null", "null", "DEF_EMPTY", 1, 1],
  ["a list", "\n- a\n", "DEF_ROOT", 2, 1],
  ["a text", "hello", "DEF_ROOT", 1, 1],
  ["an unclosed list", "steps: [", "DEF_SYNTAX", 1, 9],
  ["an unclosed quote", 'name: "a\nsteps: []\n', "DEF_SYNTAX", 3, 1],
  ["a tab as indent", "steps:\n\t- id: a\n", "DEF_SYNTAX", 2, 1],
  ["a colon in a plain text", "name: a: b\n", "DEF_SYNTAX", 1, 7],
  ["an unknown tag", `name: !secret x\n${step}`, "DEF_TAG", 1, 7],
  ["a JavaScript tag", `name: !!js/function "x"\n${step}`, "DEF_TAG", 1, 7],
  ["a binary tag", `name: !!binary aGk=\n${step}`, "DEF_TAG", 1, 16],
  ["duplicate keys", `name: a\nname: b\n${step}`, "DEF_DUPLICATE_KEY", 2, 1],
  ["duplicate keys in JSON", '{"name": "a", "name": "b"}', "DEF_DUPLICATE_KEY", 1, 15],
  ["two documents", `${step}---\n${step}`, "DEF_SYNTAX", 2, 1],
  ["NUL", `name: "a\0b"\n${step}`, "DEF_SYNTAX", 1, 9],
  ["an escape sequence", `name: \u001b[31mred\n${step}`, "DEF_SYNTAX", 1, 7],
  ["__proto__", "__proto__: { polluted: true }\n", "DEF_FORBIDDEN_KEY", 1, 1],
  ["constructor inside a step", "steps:\n  - id: a\n    with: { constructor: 1 }\n", "DEF_FORBIDDEN_KEY", 3, 13],
  ["prototype in JSON", '{"steps": [{"prototype": 1}]}', "DEF_FORBIDDEN_KEY", 1, 13],
  ["a merged __proto__", "a: &a { __proto__: { polluted: true } }\nb: { <<: *a }\n", "DEF_FORBIDDEN_KEY", 1, 9],
  ["infinity", "timeout: .inf\n", "DEF_NUMBER", 1, 10],
  ["a number too large", "timeout: 1e999\n", "DEF_NUMBER", 1, 10],
  ["a number that would change", "timeout: 12345678901234567890\n", "DEF_NUMBER", 1, 10],
  ["not a number", "timeout: .NaN\n", "DEF_NUMBER", 1, 10],
  ["deep flow lists", `a: ${"[".repeat(100)}${"]".repeat(100)}`, "DEF_LIMIT", 1, 68],
  ["100,000 brackets", "[".repeat(100_000), "DEF_LIMIT", 1, 1001],
  ["deep block lists", `${"- ".repeat(5_000)}a`, "DEF_LIMIT", 1, 1],
  ["a text that is too large", "# ".padEnd(1_100_000, "x"), "DEF_LIMIT", 1, 1],
  ["an alias to nothing", "a: *b\n", "DEF_SYNTAX", 1, 4],
  ["an alias to itself", "a: &a [*a]\n", "DEF_SYNTAX", 1, 8],
  ["a key that is a list", "? [a]\n: b\n", "DEF_SYNTAX", 1, 3],
  ["a merge of a text", "a: &a x\nb: { <<: *a }\n", "DEF_SYNTAX", 1, 7],
  ["another version", `apiVersion: troupe/v9\n${step}`, "DEF_VERSION", 1, 13],
];

test.each(cases)("%s", (_, text, code, line, column) => {
  const [first] = findings(text);
  expect(first).toMatchObject({ code, line, column, severity: "error", file: "w.yaml" });
  expect(first?.fix).toEqual(expect.any(String));
});

test.each([
  ["an alias bomb", bomb(8)],
  ["a merge bomb", mergeBomb()],
  ["many aliases", `a: &a x\nb: [${Array(1_000).fill("*a").join(", ")}]\n`],
  ["very many keys", Array.from({ length: 100_000 }, (_, index) => `k${index}: 1`).join("\n")],
  ["half a million brackets", `a: ${"[".repeat(500_000)}`],
  ["half a million braces", `a: ${"{a: ".repeat(200_000)}`],
  ["many question marks", "? ".repeat(100_000)],
])("%s is refused in bounded time", (_, text) => {
  const started = performance.now();
  const found = findings(text);
  expect(found.some(({ severity }) => severity === "error")).toBe(true);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("YAML 1.1 words are texts, numbers of the core schema are numbers", () => {
  const { workflow, findings: found } = check(
    "steps:\n  - id: a\n    call: f\n    with: { a: y, b: no, c: on, d: 0o7, e: 1e3, f: 0x1F, g: 010, h: ~, i: 1_000, j: 12:30:45, k: 2026-01-01 }\n",
    { file: "w.yaml", stepTypes: builtInStepTypes },
  );
  expect(found).toEqual([]);
  expect(workflow?.steps[0]?.config.with).toEqual({
    kind: "literal",
    value: { a: "y", b: "no", c: "on", d: 7, e: 1000, f: 31, g: 10, h: null, i: "1_000", j: "12:30:45", k: "2026-01-01" },
  });
});

test("a byte-order mark, CRLF and a missing last line end change nothing", () => {
  const options = { file: "w.yaml", stepTypes: builtInStepTypes };
  const plain = check("name: a\nsteps:\n  - id: a\n    run: |\n      one\n      two\n", options).workflow;
  const dressed = check("\ufeffname: a\r\nsteps:\r\n  - id: a\r\n    run: |\r\n      one\r\n      two\r\n", options).workflow;
  expect(dressed?.hash).toBe(plain?.hash);
});

test("anchors, aliases and merge keys are written out; a map's own keys win", () => {
  const { workflow, findings: found } = check(
    "env: &shared { A: one, B: two }\nsteps:\n  - id: a\n    run: x\n    env: { <<: *shared, B: own }\n  - id: b\n    run: y\n    env: *shared\n",
    { file: "w.yaml", stepTypes: builtInStepTypes },
  );
  expect(found).toEqual([]);
  expect(workflow?.steps.map(({ env }) => env)).toEqual([
    { A: { kind: "literal", value: "one" }, B: { kind: "literal", value: "own" } },
    { A: { kind: "literal", value: "one" }, B: { kind: "literal", value: "two" } },
  ]);
});

test("nothing that is read pollutes a prototype", () => {
  findings('{"__proto__": {"polluted": true}, "steps": []}');
  findings("steps: [{ id: a, with: { __proto__: { polluted: true } } }]");
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
