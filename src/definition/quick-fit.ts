/**
 * Whether a value certainly fits a schema, without a compiler: compiling the schemas of documents takes longer than running a small
 * workflow. Only when the answer is no does Ajv get the question, and it then words what is wrong.
 *
 * QF1 Where it says yes, Ajv does too (property test). A keyword that it does not know makes it say no.
 */
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { canonicalText } from "./canonical-text.ts";
import type { ListNode, MapNode, SourceNode } from "./source-node.ts";

export function fits(schema: Json, node: SourceNode, root: Json = schema): boolean {
  if (typeof schema === "boolean") return schema;
  if (!isJsonObject(schema)) return false;
  for (const keyword in schema) {
    const rule = RULES[keyword];
    if (rule === undefined || (rule !== null && !rule(schema[keyword] as Json, node, schema, root))) return false; // `in` has found it
  }
  return true;
}

/** `null` for keywords that only describe, or that another keyword takes into account. */
type Rule = ((value: Json, node: SourceNode, schema: JsonObject, root: Json) => boolean) | null;

const number =
  (test: (value: number, limit: number) => boolean): Rule =>
  (limit, node) =>
    node.kind !== "scalar" || typeof node.value !== "number" || test(node.value, Number(limit));
const text =
  (test: (value: string, limit: Json) => boolean): Rule =>
  (limit, node) =>
    node.kind !== "scalar" || typeof node.value !== "string" || test(node.value, limit);
const list =
  (test: (node: ListNode, limit: Json, root: Json) => boolean): Rule =>
  (limit, node, _, root) =>
    node.kind !== "list" || test(node, limit, root);

const RULES: Readonly<Record<string, Rule>> = Object.assign(Object.create(null), {
  $schema: null,
  $id: null,
  $comment: null,
  title: null,
  description: null,
  default: null,
  examples: null,
  definitions: null,
  additionalProperties: (_, node, schema, root) =>
    node.kind !== "map" || schema.properties !== undefined || propertiesFit(node, schema, root),
  $ref: (pointer, node, _, root) =>
    pointer === "#" ? fits(root, node, root) : definitionAt(pointer, root, (found) => fits(found, node, root)),
  type: (types, node) => (Array.isArray(types) ? types.some((type) => isOfType(node, String(type))) : isOfType(node, String(types))),
  enum: (values, node) => node.kind === "scalar" && Array.isArray(values) && values.includes(node.value),
  const: (value, node) => node.kind === "scalar" && node.value === value,
  minimum: number((value, limit) => value >= limit),
  maximum: number((value, limit) => value <= limit),
  exclusiveMinimum: number((value, limit) => value > limit),
  minLength: text((value, limit) => value.length >= 2 * Number(limit) || [...value].length >= Number(limit)),
  maxLength: text((value, limit) => value.length <= Number(limit)),
  pattern: text((value, source) => patternOf(String(source)).test(value)),
  format: text((value, format) => format === "regex" && isPattern(value)),
  minItems: list(({ items }, limit) => items.length >= Number(limit)),
  maxItems: list(({ items }, limit) => items.length <= Number(limit)),
  uniqueItems: list(({ items }, isUnique) => isUnique === false || new Set(items.map(canonicalText)).size === items.length),
  items: list(({ items }, schema, root) => !Array.isArray(schema) && items.every((item) => fits(schema, item, root))),
  required: (names, node) =>
    node.kind !== "map" || (Array.isArray(names) && names.every((name) => node.entries.some(({ key }) => key === name))),
  minProperties: (limit, node) => node.kind !== "map" || node.entries.length >= Number(limit),
  maxProperties: (limit, node) => node.kind !== "map" || node.entries.length <= Number(limit),
  properties: (_, node, schema, root) => node.kind !== "map" || propertiesFit(node, schema, root),
  propertyNames: (names, node, _, root) =>
    node.kind !== "map" ||
    node.entries.every(({ key, value }) =>
      fits(names, { kind: "scalar", value: key, style: "made", start: value.start, end: value.end }, root),
    ),
  allOf: (schemas, node, _, root) => Array.isArray(schemas) && schemas.every((schema) => fits(schema, node, root)),
  anyOf: (schemas, node, _, root) => Array.isArray(schemas) && schemas.some((schema) => fits(schema, node, root)),
} satisfies Record<string, Rule>);

function propertiesFit(node: MapNode, schema: JsonObject, root: Json): boolean {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  return node.entries.every(({ key, value }) => {
    const property = Object.hasOwn(properties, key) ? properties[key] : schema.additionalProperties;
    return property === undefined || fits(property, value, root);
  });
}

function isOfType(node: SourceNode, type: string): boolean {
  if (node.kind !== "scalar") return type === (node.kind === "list" ? "array" : "object");
  const { value } = node;
  if (value === null) return type === "null";
  if (typeof value !== "number") return type === typeof value;
  return type === "number" || (type === "integer" && Number.isInteger(value));
}

function definitionAt(pointer: Json, root: Json, test: (schema: Json) => boolean): boolean {
  const name = typeof pointer === "string" && pointer.startsWith("#/definitions/") ? pointer.slice("#/definitions/".length) : "";
  const definitions = isJsonObject(root) ? root.definitions : undefined;
  if (!isJsonObject(definitions) || !Object.hasOwn(definitions, name)) return false;
  return test(definitions[name] ?? false);
}

/** Patterns of schemas that ship with the product or its plug-ins; those of documents never get here. */
const patterns = new Map<string, RegExp>();

function patternOf(source: string): RegExp {
  const known = patterns.get(source) ?? new RegExp(source, "u");
  patterns.set(source, known);
  return known;
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, "u") instanceof RegExp;
  } catch {
    return false;
  }
}
