/** Source text to syntax tree. One grammar with three entry points; every accepted text has exactly one tree. */
import { DefinitionError, type ErrorOptionsOfTroupe, isTroupeError } from "../src/core/errors.ts";
import type { Expression, Template, TemplatePart, Text } from "./ast.ts";
import { joined } from "./build.ts";
import { checkExpression, checkParts } from "./check.ts";
import { createEntry } from "./entry.ts";
import compiled from "./lang.generated.ts";
import type { EntryPoint, Origin } from "./lexer.ts";
import { fold, type Unfolded } from "./precedence.ts";
import { SourceCache } from "./source-cache.ts";
import { syntaxErrorAt } from "./syntax-error.ts";
import { REFUSED, TableParser } from "./table-parser.ts";
import { tables } from "./tables.generated.ts";

export type { Origin } from "./lexer.ts";

/** Longest expression. Far above what people write, far below what an Earley parser takes a second for. */
export const EXPRESSION_CHARS_MAX = 8_192;
/** Longest text field or template. */
export const TEMPLATE_CHARS_MAX = 262_144;

// what each entry point's postprocessors return
const readExpression = createReader<Unfolded>("expression");
const readText = createReader<Parameters<typeof joined>[0]>("text");
const readTemplate = createReader<Parameters<typeof joined>[0]>("template");

const tableParser = once(() => new TableParser(tables, compiled.ParserRules));

// A thousand in use is much; what is kept besides is moved by the collector, which costs more than parsing it again.
const expressions = new SourceCache<Expression>(8 * EXPRESSION_CHARS_MAX);
const texts = new SourceCache<Text>(2 * TEMPLATE_CHARS_MAX);
const templates = new SourceCache<Template>(4 * TEMPLATE_CHARS_MAX);

/**
 * Parses a bare expression (condition fields). Trees are shared between equal sources: treat them as frozen.
 *
 * @throws DefinitionError `DEF_EXPRESSION`, `DEF_UNFINISHED` with line and column, counted from `origin` if one is given.
 */
export function parseExpression(source: string, origin?: Origin): Expression {
  return parse(expressions, source, origin, EXPRESSION_CHARS_MAX, () => {
    const tree = fold(readExpression(source, origin));
    checkExpression(tree);
    return tree;
  });
}

/** Parses a text field: characters and `{{ expression }}`. @throws as `parseExpression` */
export function parseText(source: string, origin?: Origin): Text {
  return parse(texts, source, origin, TEMPLATE_CHARS_MAX, () => {
    const parts = joined(readText(source, origin));
    checkParts(parts);
    return { kind: "text", parts: parts as Text["parts"] }; // the entry point admits characters and outputs only
  });
}

export interface TemplateOptions {
  /** Jinja2 drops one newline at the very end of a template; true keeps it. @defaultValue false */
  readonly keepTrailingNewline?: boolean;
}

/** Parses a template body: text fields plus `{% if %}`, `{% for %}`, `{% set %}`, comments and raw blocks. @throws as `parseExpression` */
export function parseTemplate(source: string, origin?: Origin, options: TemplateOptions = {}): Template {
  const lines = source.replace(/\r\n?/g, "\n");
  const body = options.keepTrailingNewline || !lines.endsWith("\n") ? lines : lines.slice(0, -1);
  return parse(templates, body, origin, TEMPLATE_CHARS_MAX, () => {
    const parts: TemplatePart[] = joined(readTemplate(body, origin));
    checkParts(parts);
    return { kind: "template", parts };
  });
}

/** Reads by the tables; what they refuse is read again by nearley, which can tell why. */
function createReader<TTree>(start: EntryPoint): (source: string, origin: Origin | undefined) => TTree {
  const readToTell = once(() => createEntry<TTree>(compiled, start));
  return (source, origin) => {
    const tree = tableParser().read(start, source, origin);
    return tree === REFUSED ? readToTell()(source, origin) : (tree as TTree); // the makers of this entry point made it
  };
}

/** Only sources without an origin are cached: a tree carries its places. */
function parse<TTree>(cache: SourceCache<TTree>, source: string, origin: Origin | undefined, charsMax: number, read: () => TTree): TTree {
  if (origin === undefined) {
    const known = cache.get(source);
    if (known !== undefined) return known;
  }
  const start = { offset: origin?.offset ?? 0, line: origin?.line ?? 1, column: origin?.column ?? 1 };
  if (source.length > charsMax) throw syntaxErrorAt(start, 1, `The text has ${source.length} characters; at most ${charsMax} are allowed.`);
  try {
    const tree = read();
    if (origin === undefined) cache.set(source, tree);
    return tree;
  } catch (thrown) {
    throw withFile(thrown, origin?.file);
  }
}

/** Made when it is first asked for: a command that reads no expression pays for none of it. */
function once<TValue extends object>(make: () => TValue): () => TValue {
  let made: TValue | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function withFile(thrown: unknown, file: string | undefined): unknown {
  if (file === undefined || !isTroupeError(thrown) || thrown.place === undefined) return thrown;
  const options: ErrorOptionsOfTroupe = {
    place: { ...thrown.place, file },
    cause: thrown,
    ...(thrown.fix !== undefined && { fix: thrown.fix }),
  };
  return new DefinitionError(thrown.code, thrown.details, options);
}
