#!/usr/bin/env node
// Writes a test for the function that a prompt names, from the examples of its documentation: a small version of what an agent does.
// The prompt is the standard input; the answer is what was done.
import { readFileSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";

const [, name, file, target] = /function `(\w+)` of (\S+) into (\S+)\./.exec(await text(process.stdin));
const code = readFileSync(file, "utf8");
const documentation = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*export function ${name}\\(`).exec(code)?.[1] ?? "";
const examples = [...documentation.matchAll(/@example (.+) \/\/ (.+)/g)];
const checks = examples.map(([, call, result]) => `  assert.deepEqual(${call}, ${result});`);

writeFileSync(
  target,
  `import assert from "node:assert/strict";
import { test } from "node:test";
import { ${name} } from "../${file}";

test("${name} does what its documentation says", () => {
${checks.length === 0 ? `  assert.ok(${name});` : checks.join("\n")}
});
`,
);
process.stdout.write(`${target}: ${examples.length} example(s)\n`);
