/**
 * Generates `grammar/lang.generated.ts` and `docs/grammar.html` (railroad diagrams) from `grammar/lang.ne`.
 * With `--check` writes nothing and fails if a committed file differs.
 */
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { emitFile } from "./generated-file.ts";

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

emitFile(join(root, "grammar/lang.generated.ts"), parser());
emitFile(join(root, "docs/grammar.html"), diagrams());
