/**
 * What a form can make of a JSON Schema. Whatever it cannot make a field of is typed as JSON, so that every schema has a form; the server judges
 * by the schema itself.
 */
import { isJsonObject, type Json, type JsonObject, textOf } from "../api/json.ts";

export type Shape =
  | { readonly kind: "text"; readonly input: TextInput; readonly minLength: number; readonly maxLength: number | null }
  | { readonly kind: "number"; readonly isInteger: boolean; readonly min: number | null; readonly max: number | null }
  | { readonly kind: "switch" }
  | { readonly kind: "choice"; readonly choices: readonly Json[] }
  | { readonly kind: "object"; readonly members: readonly Member[] }
  | { readonly kind: "list"; readonly item: Field; readonly min: number; readonly max: number | null }
  | { readonly kind: "json" };

/** `datetime` is typed as RFC 3339 has it, since a browser's own field knows no zone. */
export type TextInput = "line" | "long" | "date" | "datetime" | "email" | "url";

export interface Field {
  readonly shape: Shape;
  readonly title: string | null;
  readonly description: string | null;
  /** What is taken where nothing is given; undefined for nothing. */
  readonly fallback: Json | undefined;
}

export interface Member {
  readonly name: string;
  readonly isRequired: boolean;
  readonly field: Field;
}

const DEPTH_MAX = 8;
const LONG_TEXT = 200;

export function readField(schema: Json, root: Json = schema, depth = 0): Field {
  const own = resolve(schema, root);
  if (own === null || depth > DEPTH_MAX) return { shape: { kind: "json" }, title: null, description: null, fallback: undefined };
  const outer = isJsonObject(schema) ? schema : own;
  return {
    shape: shapeOf(own, root, depth),
    title: textOf(outer, "title") ?? textOf(own, "title"),
    description: textOf(outer, "description") ?? textOf(own, "description"),
    fallback: outer.default ?? own.default,
  };
}

/** Follows references inside the schema. Null for one that leads nowhere, or for a schema that is `true`. */
function resolve(schema: Json, root: Json): JsonObject | null {
  let at: Json | undefined = schema;
  for (let hops = 0; hops <= DEPTH_MAX; hops++) {
    if (!isJsonObject(at)) return null;
    const reference = textOf(at, "$ref");
    if (reference === null) return at;
    at = reference === "#" ? root : reference.startsWith("#/") ? followed(root, reference) : undefined;
  }
  return null;
}

function followed(root: Json, reference: string): Json | undefined {
  let at: Json | undefined = root;
  for (const part of reference.slice(2).split("/")) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    at = isJsonObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return at;
}

function shapeOf(schema: JsonObject, root: Json, depth: number): Shape {
  const { properties, items } = schema;
  if (Array.isArray(schema.enum)) return { kind: "choice", choices: schema.enum as readonly Json[] };
  if (schema.const !== undefined) return { kind: "choice", choices: [schema.const] };
  const constants = constantsOf(schema.oneOf ?? schema.anyOf);
  if (constants !== null) return { kind: "choice", choices: constants };
  if (["oneOf", "anyOf", "allOf", "if", "not"].some((name) => name in schema)) return { kind: "json" };
  switch (schema.type ?? (isJsonObject(properties) ? "object" : undefined)) {
    case "string":
      return { kind: "text", input: inputOf(schema), minLength: numberOf(schema.minLength) ?? 0, maxLength: numberOf(schema.maxLength) };
    case "number":
    case "integer":
      return {
        kind: "number",
        isInteger: schema.type === "integer",
        min: numberOf(schema.minimum),
        max: numberOf(schema.maximum),
      };
    case "boolean":
      return { kind: "switch" };
    case "object":
      return isJsonObject(properties) ? { kind: "object", members: membersOf(schema, properties, root, depth) } : { kind: "json" };
    case "array":
      if (!isJsonObject(items)) return { kind: "json" };
      return {
        kind: "list",
        item: readField(items, root, depth + 1),
        min: numberOf(schema.minItems) ?? 0,
        max: numberOf(schema.maxItems),
      };
    default:
      return { kind: "json" };
  }
}

function membersOf(schema: JsonObject, properties: JsonObject, root: Json, depth: number): readonly Member[] {
  const required = Array.isArray(schema.required) ? (schema.required as readonly Json[]) : [];
  return Object.entries(properties).map(([name, member]) => ({
    name,
    isRequired: required.includes(name),
    field: readField(member, root, depth + 1),
  }));
}

/** The values of a list of `{ const }`; null where it is something else. */
function constantsOf(branches: Json | undefined): readonly Json[] | null {
  if (!Array.isArray(branches) || branches.length === 0) return null;
  const found = (branches as readonly Json[]).flatMap((branch) =>
    isJsonObject(branch) && branch.const !== undefined ? [branch.const] : [],
  );
  return found.length === branches.length ? found : null;
}

function inputOf(schema: JsonObject): TextInput {
  switch (schema.format) {
    case "date":
    case "email":
      return schema.format;
    case "date-time":
      return "datetime";
    case "uri":
    case "url":
      return "url";
    default:
      return (numberOf(schema.maxLength) ?? 0) > LONG_TEXT || schema.contentMediaType !== undefined ? "long" : "line";
  }
}

function numberOf(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}
