/** Reads from one source file everything that can bring in another module, and the impure spellings that need a syntax tree to see. */
import { parseSync, Visitor } from "oxc-parser";

export interface Specifier {
  /** Null where the source computes it. */
  readonly text: string | null;
  readonly line: number;
  /** False where a thread or process is started from the file: that brings no module into this one, so it closes no cycle. */
  readonly isImport: boolean;
}

export interface SourceFacts {
  readonly specifiers: readonly Specifier[];
  /** Results that differ between calls or machines: `Math.random`, locale-dependent text. */
  readonly impure: readonly { readonly what: string; readonly line: number }[];
  readonly parseErrors: readonly string[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

const LOADERS = new Set(["require", "require.resolve", "import.meta.resolve", "getBuiltinModule", "process.getBuiltinModule"]);

export function readImports(file: string, source: string): SourceFacts {
  const { program, errors } = parseSync(file, source, { sourceType: "module" });
  const specifiers: Specifier[] = [];
  const impure: { what: string; line: number }[] = [];
  const lineOf = (node: Node) => source.slice(0, node.start).split("\n").length;
  const add = (node: unknown, isImport = true) => {
    if (isNode(node)) specifiers.push({ text: toText(node), line: lineOf(node), isImport });
  };
  const fromSource = (node: unknown) => add((node as Node).source);
  new Visitor({
    ImportDeclaration: fromSource,
    ExportNamedDeclaration: fromSource,
    ExportAllDeclaration: fromSource,
    ImportExpression: fromSource,
    TSImportType: fromSource,
    TSExternalModuleReference: (node) => add(node.expression),
    CallExpression: (node) => {
      if (LOADERS.has(toName(node.callee))) add(node.arguments[0]);
    },
    NewExpression: (node) => {
      const [target, base] = node.arguments;
      if (toName(node.callee) === "URL" && base !== undefined && toName(base) === "import.meta.url") add(target, false);
    },
    MemberExpression: (node) => {
      const property = node.computed ? "" : toName(node.property);
      if (property === "localeCompare" || /^toLocale/.test(property)) impure.push({ what: property, line: lineOf(node as never) });
    },
    Identifier: (node) => {
      if (node.name === "Math" && !/^Math\.(?!random\b)[a-zA-Z0-9]+/.test(source.slice(node.start))) {
        impure.push({ what: "Math.random, or a way to reach it", line: lineOf(node as never) });
      }
    },
  }).visit(program);
  return { specifiers, impure: impure.sort((left, right) => left.line - right.line), parseErrors: errors.map((error) => error.message) };
}

/** A literal's text. `x.${ext}` stands for `x.ts`: the one form in which a worker file is named, since tsc rewrites no strings. */
function toText(node: Node): string | null {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type === "TSLiteralType") return toText(node.literal as Node);
  if (node.type !== "TemplateLiteral") return null;
  const [head, tail, ...rest] = (node.quasis as { value: { cooked: string } }[]).map((quasi) => quasi.value.cooked);
  if (tail === undefined) return head ?? null;
  return rest.length === 0 && tail === "" && head?.endsWith(".") ? `${head}ts` : null;
}

/** Dotted name of an identifier or member chain; empty for anything else. */
function toName(node: unknown): string {
  if (!isNode(node)) return "";
  if (node.type === "Identifier") return String(node.name);
  if (node.type === "MetaProperty") return "import.meta";
  if (node.type === "ParenthesizedExpression") return toName(node.expression);
  if (node.type !== "MemberExpression" || node.computed === true) return "";
  return `${toName(node.object)}.${toName(node.property)}`;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}
