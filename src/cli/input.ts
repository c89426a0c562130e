/** A run's input from `--input` and `-i key=value`. Values are read as the workflow's schema wants them. */
import { readFileSync } from "node:fs";
import { text as readAll } from "node:stream/consumers";
import { RequestError, toError } from "../core/errors.ts";
import { unreadable } from "../core/file-error.ts";
import { isJsonObject, isPrototypeKey, type Json, type JsonObject } from "../core/json.ts";
import { nearestName } from "../core/nearest.ts";

/** @throws RequestError FILE_UNREADABLE, JSON_UNREADABLE */
export async function readInput(
  file: string | undefined,
  pairs: readonly string[],
  schema: JsonObject | null,
  stdin: NodeJS.ReadableStream,
): Promise<Json | undefined> {
  const base = file === undefined ? undefined : await readDocument(file, stdin);
  if (pairs.length === 0) return base;
  if (base !== undefined && !isJsonObject(base)) throw usage("`-i` adds to a map, and the input of --input is none.");
  return pairs.reduce<JsonObject>((input, pair) => applyPair(input, pair, schema), base ?? {});
}

/** JSON, or YAML where the name says so; `-` is stdin. @throws RequestError FILE_UNREADABLE, JSON_UNREADABLE */
export async function readDocument(file: string, stdin: NodeJS.ReadableStream): Promise<Json> {
  if (file === "-") return parseJson(await readAll(stdin), "The input on stdin");
  const content = readText(file);
  if (!/\.ya?ml$/i.test(file)) return parseJson(content, `\`${file}\``);
  const [{ readSource }, { SourceText }, { toObject }] = await Promise.all([
    import("../definition/read-source.ts"),
    import("../definition/source-text.ts"),
    import("../definition/source-node.ts"),
  ]);
  return toObject(readSource(new SourceText(content, file)));
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
}

/** @throws RequestError JSON_UNREADABLE */
export function parseJson(text: string, source: string): Json {
  try {
    return JSON.parse(text) as Json; // What JSON.parse returns is JSON.
  } catch (thrown) {
    throw notJson(source, toError(thrown));
  }
}

function notJson(source: string, error: Error): RequestError {
  return new RequestError("JSON_UNREADABLE", { source, problem: error.message.replace(/ in JSON at/, " at") }, { cause: error });
}

/** `load=900`, `project.code=PRJ-1`: dots lead into maps. The schema decides what the text becomes. */
export function applyPair(input: JsonObject, pair: string, schema: JsonObject | null): JsonObject {
  const equals = pair.indexOf("=");
  if (equals < 1) throw usage(`\`-i ${pair}\` is not of the form key=value.`);
  const keys = pair.slice(0, equals).split(".");
  if (keys.some((key) => key === "" || isPrototypeKey(key))) throw usage(`\`${pair.slice(0, equals)}\` names no value.`);
  return setAt(input, keys, pair.slice(equals + 1), schema);
}

function setAt(target: JsonObject, [key = "", ...rest]: readonly string[], text: string, schema: JsonObject | null): JsonObject {
  const inner = propertySchema(schema, key);
  if (rest.length === 0) return { ...target, [key]: typed(text, inner) };
  const before = target[key];
  return { ...target, [key]: setAt(isJsonObject(before) ? before : {}, rest, text, inner) };
}

/** @throws RequestError CLI_USAGE for a name that a closed schema does not know */
function propertySchema(schema: JsonObject | null, key: string): JsonObject | null {
  const properties = schema !== null && isJsonObject(schema.properties) ? schema.properties : null;
  if (properties === null) return null;
  const found = Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (isJsonObject(found)) return found;
  if (found === undefined && schema?.additionalProperties === false) {
    const near = nearestName(key, Object.keys(properties));
    const known = Object.keys(properties);
    throw usage(
      `The workflow has no input \`${key}\`.`,
      near !== undefined ? `Did you mean \`${near}\`?` : known.length === 0 ? "It takes none." : `Its inputs are ${known.join(", ")}.`,
    );
  }
  return null;
}

/** A text stays a text where the schema allows one and nothing else would fit; what does not fit is told by the validation. */
function typed(text: string, schema: JsonObject | null): Json {
  const types = typesOf(schema);
  const value = jsonOr(text);
  if (types === null) return value === undefined ? text : value;
  if (value !== undefined && types.some((type) => type !== "string" && isOf(type, value))) return value;
  return text;
}

function typesOf(schema: JsonObject | null): readonly string[] | null {
  if (schema === null) return null;
  const { type, const: only, enum: values } = schema;
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) return type.filter((one) => typeof one === "string");
  const examples = Array.isArray(values) ? values : only === undefined ? null : [only];
  return examples === null ? null : examples.map(typeOf);
}

function typeOf(value: Json): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function isOf(type: string, value: Json): boolean {
  return type === typeOf(value) || (type === "integer" && Number.isInteger(value));
}

function jsonOr(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json; // What JSON.parse returns is JSON.
  } catch {
    return undefined;
  }
}

export function usage(problem: string, fix?: string): RequestError {
  return new RequestError("CLI_USAGE", { problem, command: "" }, { fix: fix ?? "`troupe --help` lists the commands." });
}
