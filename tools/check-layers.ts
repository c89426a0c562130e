/**
 * Proves that imports only point the way the table in `layers.ts` allows. A checker that sees nothing must fail, so the callers compare
 * the numbers of files and imports with recorded floors, and a canary in `test/conformance/gates.test.ts` plants one violation of each kind.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, posix } from "node:path";
import { findCycles } from "./find-cycles.ts";
import { type Layer, layers } from "./layers.ts";
import { readImports } from "./read-imports.ts";

export interface LayerProblem {
  readonly kind:
    | "layer"
    | "sibling"
    | "door"
    | "module"
    | "development"
    | "unresolved"
    | "homeless"
    | "computed"
    | "parse"
    | "impure"
    | "cycle";
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export interface LayerReport {
  readonly problems: readonly LayerProblem[];
  readonly files: number;
  readonly imports: number;
  /** Layers in which no file was found. */
  readonly empty: readonly string[];
}

/** Planned folders: they may stay empty until their part of the product is written. */
const MAY_BE_EMPTY = ["host-temporal", "observability", "contract", "api", "web", "examples"];
/** Files that load what their caller names: a workflow's own functions. */
const COMPUTED_ON_PURPOSE: ReadonlySet<string> = new Set(["src/adapters/pool-piscina/load-export.ts"]);

/** Below what the tree holds; raised as it grows. A run that sees less has looked in the wrong place. */
export const FLOOR = { files: 150, imports: 550 };

export function checkLayers(root: string, table: readonly Layer[] = layers): LayerReport {
  const files = globSync(
    table.map((layer) => `${layer.folder}/**/*.{ts,tsx,js,mjs}`),
    { cwd: root },
  ).map((file) => file.replaceAll("\\", "/"));
  const sources = files.filter((file) => !/\.(test|suite|generated)\.|\.d\.ts$|(^|\/)node_modules\//.test(file)).sort();
  const shipped = readShippedPackages(root);
  const problems: LayerProblem[] = [];
  const edges = new Map<string, string[]>();
  let imports = 0;
  for (const file of sources) {
    const layer = layerOf(file, table);
    if (layer === undefined) continue;
    const add = (kind: LayerProblem["kind"], line: number, text: string) => problems.push({ kind, file, line, text });
    const facts = readImports(file, readFileSync(join(root, file), "utf8"));
    for (const text of facts.parseErrors) add("parse", 1, text);
    if (layer.pure) for (const { what, line } of facts.impure) add("impure", line, `${what} in the pure layer ${layer.name}`);
    const targets: string[] = [];
    for (const { text, line, isImport } of facts.specifiers) {
      imports++;
      if (text === null) {
        if (!COMPUTED_ON_PURPOSE.has(file)) add("computed", line, "a module name that is not a literal");
      } else if (!text.startsWith(".")) {
        const problem = judgeModule(text, layer, shipped);
        if (problem) add(problem.kind, line, problem.text);
      } else {
        const target = posix.normalize(posix.join(dirname(file), text));
        if (!existsSync(join(root, target))) add("unresolved", line, text);
        else if (/\.tsx?$/.test(target)) {
          if (isImport) targets.push(target);
          const problem = judgeTarget(file, layer, target, table);
          if (problem) add(problem.kind, line, problem.text);
        }
      }
    }
    edges.set(file, targets);
  }
  for (const cycle of findCycles(edges)) problems.push({ kind: "cycle", file: cycle[0] ?? "", line: 1, text: cycle.join(" -> ") });
  const inhabited = new Set(sources.map((file) => layerOf(file, table)?.name));
  return { problems, files: sources.length, imports, empty: table.map((layer) => layer.name).filter((name) => !inhabited.has(name)) };
}

type Verdict = Pick<LayerProblem, "kind" | "text"> | undefined;

function judgeModule(specifier: string, layer: Layer, shipped: ReadonlySet<string>): Verdict {
  if (isBuiltin(specifier))
    return layer.modules === "any" ? undefined : { kind: "module", text: `${layer.name} may not import ${specifier}` };
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const isAllowed = layer.modules === "any" || layer.modules.some((allowed) => allowed === name || allowed === `${name.split("/")[0]}/*`);
  if (!isAllowed) return { kind: "module", text: `${layer.name} may not import ${name}` };
  return shipped.has(name) || layer.name === "web" ? undefined : { kind: "development", text: `${name} is not installed with the package` };
}

function judgeTarget(file: string, layer: Layer, target: string, table: readonly Layer[]): Verdict {
  const other = layerOf(target, table);
  if (other === undefined) return { kind: "homeless", text: `${target} belongs to no layer` };
  if (other === layer) {
    const isSibling = layer.alone === true && childOf(file, layer) !== childOf(target, layer);
    return isSibling
      ? { kind: "sibling", text: `${childOf(file, layer)} may not import its sibling ${childOf(target, layer)}` }
      : undefined;
  }
  if (!layer.imports.includes(other.name)) return { kind: "layer", text: `${layer.name} may not import ${other.name} (${target})` };
  const door = layer.doors?.[other.name];
  return door === undefined || door === target ? undefined : { kind: "door", text: `${layer.name} enters ${other.name} only by ${door}` };
}

function layerOf(file: string, table: readonly Layer[]): Layer | undefined {
  return table.find((layer) => file.startsWith(`${layer.folder}/`));
}

function childOf(file: string, layer: Layer): string {
  return file.slice(layer.folder.length + 1).split("/")[0] ?? "";
}

/** Packages that a user's install brings along or that the user may add. */
function readShippedPackages(root: string): ReadonlySet<string> {
  const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return new Set(["dependencies", "optionalDependencies", "peerDependencies"].flatMap((group) => Object.keys(manifest[group] ?? {})));
}

if (import.meta.main) {
  const report = checkLayers(process.cwd());
  for (const { file, line, kind, text } of report.problems) process.stdout.write(`${file}:${line}: ${kind}: ${text}\n`);
  const missing = report.empty.filter((name) => !MAY_BE_EMPTY.includes(name));
  if (missing.length > 0) process.stdout.write(`no file in ${missing.join(", ")}\n`);
  process.stdout.write(`${report.files} files, ${report.imports} imports, ${report.problems.length} problems\n`);
  const isBlind = report.files < FLOOR.files || report.imports < FLOOR.imports;
  if (isBlind) process.stdout.write(`expected at least ${FLOOR.files} files and ${FLOOR.imports} imports\n`);
  process.exitCode = report.problems.length > 0 || missing.length > 0 || isBlind ? 1 : 0;
}
