#!/usr/bin/env node
// Rewrites the CommonJS modules that a prompt names as ES modules: a small version of what an agent does.
// The prompt is the standard input; the answer is what was done.
import { readFileSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";

const RULES = [
  [/^const (\{ .+ \}|\w+) = require\((".+")\);$/gm, "import $1 from $2;"],
  [/^module\.exports = (\{ .+ \});$/gm, "export $1;"],
  [/^module\.exports = (function \w+\([\s\S]*?^\});$/gm, "export default $1"],
];

const prompt = await text(process.stdin);
for (const path of new Set(prompt.match(/[\w./-]+\.js\b/g))) {
  const before = readFileSync(path, "utf8");
  const after = RULES.reduce((code, [pattern, replacement]) => code.replace(pattern, replacement), before);
  writeFileSync(path, after);
  process.stdout.write(`${path}: ${after === before ? "unchanged" : "rewritten"}\n`);
}
