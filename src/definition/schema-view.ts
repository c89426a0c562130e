/**
 * What a JSON Schema says about the value at a path, as far as it says anything for certain. Only what every valid value must obey
 * counts: where a schema leaves room (`anyOf`, `patternProperties`, remote references), nothing is known and nothing is claimed.
 */
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type { TypeName } from "../expression/values.ts";

export type SchemaView =
  /** Anything can be there. */
  | { readonly kind: "unknown" }
  /** Nothing can be there. */
  | { readonly kind: "excluded"; readonly because: string; readonly names: readonly string[] }
  /** The schema does not mention the name, and does not forbid it. */
  | { readonly kind: "undeclared"; readonly names: readonly string[] }
  | { readonly kind: "schema"; readonly schema: JsonObject; readonly root: JsonObject };

const UNKNOWN: SchemaView = { kind: "unknown" };
const REFERENCES_MAX = 20;

export function viewSchema(root: JsonObject | null): SchemaView {
  return root === null ? UNKNOWN : resolved(root, root);
}

/** The value one key further. */
export function viewMember(view: SchemaView, key: string | number): SchemaView {
  if (view.kind !== "schema") return view;
  const { schema, root } = view;
  const types = typesOf(schema);
  if (typeof key === "number") {
    if (types !== null && !types.includes("list") && !types.includes("text")) return excluded(types, `position ${key}`);
    const { items } = schema;
    return types?.length === 1 && types[0] === "list" && items !== undefined && !Array.isArray(items) ? resolved(items, root) : UNKNOWN;
  }
  if (types !== null && !types.includes("map")) return excluded(types, `\`${key}\``);
  const { properties, additionalProperties, patternProperties } = schema;
  const declared = isJsonObject(properties) ? properties : {};
  const found = Object.hasOwn(declared, key) ? declared[key] : undefined;
  if (found !== undefined) return resolved(found, root);
  const names = Object.keys(declared);
  if (patternProperties !== undefined || isOpenEnded(schema)) return UNKNOWN;
  if (additionalProperties === false) return { kind: "excluded", because: "its schema does not allow other names", names };
  if (isJsonObject(additionalProperties)) return resolved(additionalProperties, root);
  return names.length === 0 ? UNKNOWN : { kind: "undeclared", names };
}

/** The types that a value there can have; null if any. */
export function viewTypes(view: SchemaView): readonly TypeName[] | null {
  return view.kind === "schema" ? typesOf(view.schema) : null;
}

/** The only values that can be there; null if they are not listed. */
export function viewValues(view: SchemaView): readonly Json[] | null {
  if (view.kind !== "schema") return null;
  const { enum: values, const: value } = view.schema;
  if (value !== undefined) return [value];
  return Array.isArray(values) ? values : null;
}

/** Parts that may add names of their own. */
function isOpenEnded(schema: JsonObject): boolean {
  return ["allOf", "anyOf", "oneOf", "if", "dependentSchemas", "dependencies", "unevaluatedProperties"].some(
    (key) => schema[key] !== undefined,
  );
}

function excluded(types: readonly TypeName[], what: string): SchemaView {
  const is = types.map((type) => (type === "none" ? "none" : `a ${type}`)).join(" or ");
  return { kind: "excluded", because: `it is ${is}, which has no ${what}`, names: [] };
}

function resolved(schema: Json, root: JsonObject): SchemaView {
  let current: Json | undefined = schema;
  for (let hops = 0; isJsonObject(current) && typeof current.$ref === "string"; hops++) {
    if (hops >= REFERENCES_MAX) return UNKNOWN;
    current = pointedTo(current.$ref, root);
  }
  return isJsonObject(current) ? { kind: "schema", schema: current, root } : UNKNOWN;
}

function pointedTo(reference: string, root: JsonObject): Json | undefined {
  if (!reference.startsWith("#")) return undefined;
  let current: Json | undefined = root;
  for (const part of reference.slice(1).split("/").slice(1)) {
    const key = decodeURI(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isJsonObject(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
}

const TYPE_NAMES: Readonly<Record<string, TypeName>> = {
  string: "text",
  number: "number",
  integer: "number",
  boolean: "boolean",
  null: "none",
  array: "list",
  object: "map",
};

function typesOf(schema: JsonObject): readonly TypeName[] | null {
  const { type } = schema;
  if (type === undefined) return null;
  const names = [type].flat().map((name) => TYPE_NAMES[String(name)]);
  return names.includes(undefined) ? null : [...new Set(names as TypeName[])]; // the line has just looked for others
}
