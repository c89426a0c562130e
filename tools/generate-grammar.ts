/**
 * Generates `grammar/lang.generated.ts` and `docs/grammar.html` (railroad diagrams) from `grammar/lang.ne`.
 * With `--check` writes nothing and fails if a committed file differs.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const nearleyFolder = dirname(createRequire(import.meta.url).resolve("nearley/package.json"));
const source = join(root, "grammar/lang.ne");

function run(binary: string, ...options: string[]): string {
  return execFileSync(process.execPath, [join(nearleyFolder, "bin", binary), ...options, source], { encoding: "utf8", maxBuffer: 1 << 26 });
}

/** The generated part is not type-checked: nearley writes `any` and unused declarations. */
function parser(): string {
  return `// @ts-nocheck\n${run("nearleyc.js").trimEnd()}\n`;
}

function diagrams(): string {
  return `${run("nearley-railroad.js").trimEnd()}\n`;
}

const outputs = [
  { path: "grammar/lang.generated.ts", make: parser },
  { path: "docs/grammar.html", make: diagrams },
];

const isCheck = process.argv.includes("--check");
let drifted = 0;
for (const { path, make } of outputs) {
  const file = join(root, path);
  const text = make();
  if (!isCheck) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    drifted++;
    console.error(`${path} does not fit grammar/lang.ne. Run \`node tools/generate-grammar.ts\`.`);
  }
}
process.exitCode = drifted === 0 ? 0 : 1;
