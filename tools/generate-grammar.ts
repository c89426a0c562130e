/**
 * Generates from `grammar/lang.ne`: `grammar/lang.generated.ts`, of its rules `grammar/tables.generated.ts`, and `docs/grammar.html`
 * (railroad diagrams). With `--check` writes nothing and fails if a committed file differs.
 */
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ENTRY_POINTS } from "../grammar/lexer.ts";
import type { ParseTables } from "../grammar/table-parser.ts";
import { emitFile } from "./generated-file.ts";
import { computeParseTables, type GrammarRule } from "./parse-tables.ts";

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

/** A line for each state keeps a change of the grammar readable in a diff. */
function tables({ rows, ...rest }: ParseTables): string {
  const members = Object.entries(rest).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},\n`);
  return [
    "// LALR(1) tables of lang.ne, computed by tools/generate-grammar.ts. table-parser.ts tells how to read them.\n",
    'import type { ParseTables } from "./table-parser.ts";\n\n',
    `export const tables: ParseTables = {\n${members.join("")}  rows: [\n${rows.map((row) => `    ${JSON.stringify(row)},\n`).join("")}  ],\n};\n`,
  ].join("");
}

emitFile(join(root, "grammar/lang.generated.ts"), parser());
emitFile(join(root, "docs/grammar.html"), diagrams());
// Only now: of the rules that have just been written.
const { default: compiled } = await import("../grammar/lang.generated.ts");
const rules = compiled.ParserRules as GrammarRule[]; // the lexer's tokens are the only symbols that are no text
emitFile(join(root, "grammar/tables.generated.ts"), tables(computeParseTables(rules, Object.keys(ENTRY_POINTS))));
