/** Values of a definition to `Field` trees: what holds expressions is parsed, all else stays data. */
import type { Expression, Template, Text } from "../../grammar/ast.ts";
import { parseExpression, parseTemplate, parseText } from "../../grammar/parse.ts";
import { type ErrorCode, isTroupeError } from "../core/errors.ts";
import type { Field, FieldKind } from "../plan/field.ts";
import { quickText } from "./quick-text.ts";
import type { Reporter } from "./reporter.ts";
import { type MapNode, type ScalarNode, type SourceNode, toData } from "./source-node.ts";

/** Called with every tree found; `path` is that of the field, such as `with.load`. */
export type Visit = (tree: Expression | Text | Template, source: string, node: SourceNode, path: string) => void;

export interface FieldReading {
  readonly reporter: Reporter;
  readonly visit: Visit;
}

const NOTHING: Field = { kind: "literal", value: null };

/** Reads fields as a step type declares them: by the name of the field, and below it by names joined with dots, lists as `[]`. */
export class FieldReader {
  readonly #reporter: Reporter;
  readonly #visit: Visit;

  constructor({ reporter, visit }: FieldReading) {
    this.#reporter = reporter;
    this.#visit = visit;
  }

  /** @param kinds how the fields below are read, by `checks[].check`; a name that is not in it is read as its parent is. */
  read(node: SourceNode, path: string, kind: FieldKind, kinds: Readonly<Record<string, FieldKind>> = {}, name = path): Field {
    if (node.kind === "scalar") return this.#scalar(node, path, kind);
    const below = hasKindsBelow(kinds, name);
    if (!below && (kind === "literal" || !hasTags(node))) return { kind: "literal", value: toData(node) };
    if (node.kind === "list") {
      const inner = `${name}[]`;
      return {
        kind: "list",
        items: node.items.map((item, index) => this.read(item, `${path}[${index}]`, kinds[inner] ?? kind, kinds, inner)),
      };
    }
    const entries: Record<string, Field> = Object.create(null);
    for (const { key, value } of node.entries) {
      const inner = `${name}.${key}`;
      entries[key] = this.read(value, `${path}.${key}`, kinds[inner] ?? kind, kinds, inner);
    }
    return { kind: "map", entries };
  }

  /** A map of texts, such as `env`. */
  readMap(node: MapNode | undefined, path: string): Readonly<Record<string, Field>> {
    const fields: Record<string, Field> = Object.create(null);
    for (const { key, value } of node?.entries ?? []) fields[key] = this.read(value, `${path}.${key}`, "text");
    return fields;
  }

  condition(node: ScalarNode, path: string): Extract<Field, { kind: "condition" }> | null {
    const source = String(node.value);
    const expression = this.#parsed(node, () => parseExpression(source));
    if (expression === undefined) return null;
    this.#visit(expression, source, node, path);
    return { kind: "condition", expression, source, place: this.#reporter.placeOf(node) };
  }

  #scalar(node: ScalarNode, path: string, kind: FieldKind): Field {
    const { value } = node;
    switch (kind) {
      case "literal":
        return { kind: "literal", value };
      case "condition":
        return (typeof value === "string" || typeof value === "boolean" ? this.condition(node, path) : null) ?? { kind: "literal", value };
      case "text": {
        if (typeof value !== "string" || !value.includes("{{")) return { kind: "literal", value };
        const text = quickText(value) ?? this.#parsed(node, () => parseText(value));
        if (text === undefined) return NOTHING;
        this.#visit(text, value, node, path);
        return { kind: "text", text, source: value, place: this.#reporter.placeOf(node) };
      }
      case "template": {
        if (typeof value !== "string") return { kind: "literal", value };
        const template = this.#parsed(node, () => parseTemplate(value));
        if (template === undefined) return NOTHING;
        this.#visit(template, value, node, path);
        return { kind: "template", template, source: value, place: this.#reporter.placeOf(node) };
      }
    }
  }

  /** Trees are parsed without an origin, so that equal sources share one; only an error needs the place in the file. */
  #parsed<TTree>(node: ScalarNode, parse: () => TTree): TTree | undefined {
    try {
      return parse();
    } catch (thrown) {
      if (!isTroupeError(thrown)) throw thrown;
      const offset = Number(thrown.details.offset ?? 0);
      const code: ErrorCode = thrown.code;
      this.#reporter.inside(node, offset, thrown.place?.length ?? 1, {
        code,
        details: thrown.details,
        ...(thrown.fix !== undefined && { fix: thrown.fix }),
      });
      return undefined;
    }
  }
}

function hasKindsBelow(kinds: Readonly<Record<string, FieldKind>>, name: string): boolean {
  for (const key in kinds)
    if (key.length > name.length && key.startsWith(name) && (key[name.length] === "." || key[name.length] === "[")) return true;
  return false;
}

/** Whether any text of the value holds an expression; data without one stays in one piece. */
function hasTags(node: SourceNode): boolean {
  switch (node.kind) {
    case "scalar":
      return typeof node.value === "string" && node.value.includes("{{");
    case "list":
      return node.items.some(hasTags);
    case "map":
      return node.entries.some(({ value }) => hasTags(value));
  }
}
