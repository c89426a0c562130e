/** `load: { type: number, minimum: 0, default: 1 }` for each name, or a JSON Schema: which of the two, and the first as the second. */
import { entry, entryOf, type MapEntry, type MapNode, mapNode, type SourceNode, toNode } from "./source-node.ts";

const SCHEMA_TEXTS = ["$schema", "$ref", "$id"];
const SCHEMA_LISTS = ["allOf", "anyOf", "oneOf", "enum", "required"];

/** A schema shows by a keyword that holds what the keyword holds; a name of the shorthand holds a map. */
export function isJsonSchema(node: MapNode): boolean {
  return node.entries.some(({ key, value }) => {
    if (key === "type") return value.kind !== "map";
    if (key === "properties" || key === "$defs" || key === "definitions" || key === "patternProperties") return isMapOfSchemas(value);
    if (SCHEMA_TEXTS.includes(key)) return value.kind === "scalar" && typeof value.value === "string";
    if (SCHEMA_LISTS.includes(key)) return value.kind === "list";
    return key === "additionalProperties" && value.kind === "scalar";
  });
}

function isMapOfSchemas(node: SourceNode): boolean {
  if (node.kind !== "map") return false;
  return node.entries.every(({ value }) => value.kind === "map" || (value.kind === "scalar" && typeof value.value === "boolean"));
}

/** The parts of the shorthand that are no schemas: each name holds a map, or the name of a type. */
export function notSchemas(node: MapNode): MapEntry[] {
  return node.entries.filter(({ value }) => value.kind !== "map" && !isTypeName(value));
}

function isTypeName(node: SourceNode): boolean {
  return (
    node.kind === "scalar" &&
    typeof node.value === "string" &&
    ["string", "number", "integer", "boolean", "object", "array", "null"].includes(node.value)
  );
}

/**
 * The shorthand as a schema. A name without `default` is required unless it says `required: false`.
 *
 * @param closed whether other names are refused.
 */
export function toJsonSchema(node: MapNode, closed: boolean): MapNode {
  if (isJsonSchema(node)) return node;
  const required = node.entries.filter(({ value }) => isRequired(value)).map(({ key }) => key);
  const properties = node.entries.map((one) => ({ ...one, value: toProperty(one.value) }));
  return mapNode(
    [
      entry("type", toNode("object", node)),
      entry("properties", mapNode(properties, node), node),
      ...(required.length > 0 ? [entry("required", toNode(required, node))] : []),
      ...(closed ? [entry("additionalProperties", toNode(false, node))] : []),
    ],
    node,
  );
}

function isRequired(value: SourceNode): boolean {
  const said = entryOf(value, "required")?.value;
  if (said?.kind === "scalar" && typeof said.value === "boolean") return said.value;
  return entryOf(value, "default") === undefined;
}

/** `required: false` belongs to the shorthand; in a schema it would be no list. */
function toProperty(value: SourceNode): SourceNode {
  if (value.kind === "scalar") return mapNode([entry("type", value)], value);
  if (value.kind !== "map") return value;
  return { ...value, entries: value.entries.filter(({ key, value: said }) => !(key === "required" && said.kind === "scalar")) };
}
