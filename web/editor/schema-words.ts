/** What the schema of workflow files offers at a place: keys, or values. */
import { isJsonObject, type Json, type JsonObject, textOf } from "../api/json.ts";
import type { Segment, YamlPlace } from "./yaml-trail.ts";

export interface Word {
  readonly kind: "key" | "value";
  readonly text: string;
  readonly description: string | null;
  /** What comes behind a key: a mapping, a list, or a value in the same line. */
  readonly behind: "map" | "list" | "value";
  readonly isRequired: boolean;
}

const DEPTH_MAX = 12;

export function wordsAt(root: JsonObject, place: YamlPlace): readonly Word[] {
  const known = place.around.at(-1) ?? {};
  const schemas = schemasAt(root, place);
  if (place.kind === "value") return valuesOf(root, schemas);
  const taken = new Set(Object.keys(known).filter((name) => name !== place.typed));
  const words = new Map<string, Word>();
  for (const schema of schemas.flatMap((one) => applying(root, one, known))) {
    const required = Array.isArray(schema.required) ? (schema.required as readonly Json[]) : [];
    for (const [text, member] of Object.entries(isJsonObject(schema.properties) ? schema.properties : {})) {
      if (taken.has(text) || member === false) continue;
      const before = words.get(text);
      words.set(text, {
        kind: "key",
        text,
        description: before?.description ?? described(root, member),
        behind: before?.behind ?? behindOf(root, member),
        isRequired: (before?.isRequired ?? false) || required.includes(text),
      });
    }
  }
  // After a dash both may come: the first key of a mapping, or a value.
  const isItem = typeof place.path.at(-1) === "number" && taken.size === 0;
  return [...words.values(), ...(isItem ? valuesOf(root, schemas) : [])];
}

/** Follows the path; where a schema has forms, all that may apply. */
function schemasAt(root: JsonObject, { path, kind, around }: YamlPlace): readonly JsonObject[] {
  let schemas: readonly JsonObject[] = [root];
  let maps = 0;
  for (const [index, segment] of path.entries()) {
    const known = typeof segment === "string" ? (around[maps] ?? {}) : {};
    if (typeof segment === "string") maps++;
    const isLast = index === path.length - 1 && kind === "value";
    schemas = schemas.flatMap((schema) => applying(root, schema, known)).flatMap((schema) => inside(schema, segment));
    if (schemas.length === 0) return [];
    if (isLast) break;
  }
  return schemas;
}

function inside(schema: JsonObject, segment: Segment): readonly JsonObject[] {
  if (typeof segment === "number") return isJsonObject(schema.items) ? [schema.items] : [];
  const { properties, patternProperties, additionalProperties } = schema;
  if (isJsonObject(properties) && Object.hasOwn(properties, segment)) return objects(properties[segment]);
  if (isJsonObject(patternProperties)) return Object.values(patternProperties).flatMap(objects);
  return objects(additionalProperties);
}

function objects(schema: Json | undefined): readonly JsonObject[] {
  return isJsonObject(schema) ? [schema] : [];
}

/** A schema with all that it is made of: references, parts, forms, and conditions that hold for what is known of the mapping. */
function applying(root: JsonObject, schema: JsonObject, known: Readonly<Record<string, string>>, depth = 0): readonly JsonObject[] {
  if (depth > DEPTH_MAX) return [];
  const found: JsonObject[] = [schema];
  const add = (one: Json | undefined): void => {
    if (isJsonObject(one)) found.push(...applying(root, one, known, depth + 1));
  };
  add(referred(root, schema));
  const parts = listOf(schema.allOf);
  const conditions = parts.filter((part) => isJsonObject(part) && part.if !== undefined);
  const holding = conditions.filter((part) => isJsonObject(part) && holds(part.if, known));
  // Nothing yet tells which of them it will be: it may become any.
  for (const part of holding.length > 0 ? holding : conditions) add(isJsonObject(part) ? part.then : undefined);
  for (const part of parts) if (!conditions.includes(part)) add(part);
  if (schema.if !== undefined) add(holds(schema.if, known) ? schema.then : schema.else);
  for (const form of [...listOf(schema.anyOf), ...listOf(schema.oneOf)]) add(form);
  return found;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function referred(root: JsonObject, schema: JsonObject): Json | undefined {
  const reference = textOf(schema, "$ref");
  if (reference === null || !reference.startsWith("#/")) return undefined;
  let at: Json | undefined = root;
  for (const part of reference.slice(2).split("/")) at = isJsonObject(at) ? at[part] : undefined;
  return at;
}

/** As far as keys and plain values tell. */
function holds(condition: Json | undefined, known: Readonly<Record<string, string>>): boolean {
  if (!isJsonObject(condition)) return condition !== false;
  const { required, properties, not, anyOf, allOf } = condition;
  if (listOf(required).some((name) => typeof name !== "string" || !Object.hasOwn(known, name))) return false;
  if (isJsonObject(properties))
    for (const [name, schema] of Object.entries(properties)) {
      if (!isJsonObject(schema) || !Object.hasOwn(known, name)) continue;
      if (schema.const !== undefined && String(schema.const) !== known[name]) return false;
      if (Array.isArray(schema.enum) && !schema.enum.some((one: Json) => String(one) === known[name])) return false;
    }
  if (not !== undefined && holds(not, known)) return false;
  if (anyOf !== undefined && !listOf(anyOf).some((one) => holds(one, known))) return false;
  return listOf(allOf).every((one) => holds(one, known));
}

function valuesOf(root: JsonObject, schemas: readonly JsonObject[]): readonly Word[] {
  const words = new Map<string, Word>();
  for (const schema of schemas.flatMap((one) => applying(root, one, {}))) {
    const values = [...listOf(schema.enum), ...(schema.const === undefined ? [] : [schema.const])];
    if (schema.type === "boolean") values.push(true, false);
    for (const value of values) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      words.set(text, { kind: "value", text, description: textOf(schema, "description"), behind: "value", isRequired: false });
    }
  }
  return [...words.values()];
}

function described(root: JsonObject, schema: Json): string | null {
  return textOf(schema, "description") ?? (isJsonObject(schema) ? textOf(referred(root, schema), "description") : null);
}

function behindOf(root: JsonObject, schema: Json): Word["behind"] {
  if (!isJsonObject(schema)) return "value";
  const own = isJsonObject(referred(root, schema)) ? (referred(root, schema) as JsonObject) : schema;
  const types = [own.type].flat();
  if (types.length === 1 && types[0] === "object") return "map";
  return types.length === 1 && types[0] === "array" ? "list" : "value";
}
