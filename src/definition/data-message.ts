/** What a validator found, in plain words (D8): `Value 15000 exceeds maximum 10000`. */
import type { ErrorObject } from "ajv";
import { isJsonObject } from "../core/json.ts";
import { nearestName } from "../core/nearest.ts";

const TEXT_MAX = 100;
const LIST_MAX = 30;

/** A value as messages show it: texts in single quotes, long ones cut. */
export function showValue(value: unknown): string {
  if (typeof value === "string") return `'${cut(value)}'`;
  if (Array.isArray(value) || isJsonObject(value)) return cut(JSON.stringify(value));
  return String(value);
}

function showList(values: readonly unknown[]): string {
  const shown = values.slice(0, LIST_MAX).map(showValue).join(", ");
  return values.length > LIST_MAX ? `[${shown}, …]` : `[${shown}]`;
}

function cut(text: string): string {
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}…`;
}

/** A found error as Ajv tells it, in verbose form. */
export type Found = ErrorObject<string, Record<string, unknown>>;

/** The message for one keyword, without the path. */
export function messageOf(error: Found): string {
  const { keyword, params, data } = error;
  const write = MESSAGES[keyword];
  return write === undefined
    ? `Value ${showValue(data)} ${error.message ?? "is not allowed"}`
    : write(() => showValue(data), params, error);
}

/** The value is a function, since showing a large map for each of its unknown names would take all day. */
type Write = (value: () => string, params: Readonly<Record<string, unknown>>, error: Found) => string;

const length = (data: unknown): number =>
  typeof data === "string" ? [...data].length : Array.isArray(data) ? data.length : Object.keys(data ?? {}).length;
const isOpen = (comparison: unknown): boolean => comparison === ">" || comparison === "<";

const MESSAGES: Readonly<Record<string, Write>> = {
  type: (value, { type }) => `Value ${value()} is not of type ${String(type).split(",").join(" or ")}`,
  enum: (value, { allowedValues }) => `Value ${value()} is not one of ${showList(allowedValues as readonly unknown[])}`, // Ajv's params of `enum`
  const: (value, { allowedValue }) => `Value ${value()} is not ${showValue(allowedValue)}`,
  maximum: (value, { limit }) => `Value ${value()} exceeds maximum ${limit}`,
  minimum: (value, { limit }) => `Value ${value()} is below minimum ${limit}`,
  exclusiveMaximum: (value, { limit }) => `Value ${value()} must be less than ${limit}`,
  exclusiveMinimum: (value, { limit }) => `Value ${value()} must be greater than ${limit}`,
  multipleOf: (value, { multipleOf }) => `Value ${value()} is not a multiple of ${multipleOf}`,
  maxLength: (value, { limit }, { data }) => `Value ${value()} has ${length(data)} characters; at most ${limit} are allowed`,
  minLength: (value, { limit }, { data }) =>
    data === "" ? "Value '' is empty" : `Value ${value()} has ${length(data)} characters; at least ${limit} are needed`,
  pattern: (value, { pattern }) => `Value ${value()} does not match pattern '${pattern}'`,
  format: (value, { format }) => `Value ${value()} is not a valid ${format}`,
  formatMinimum: (value, { limit, comparison }) => `Value ${value()} must be ${isOpen(comparison) ? "after" : "at least"} '${limit}'`,
  formatMaximum: (value, { limit, comparison }) => `Value ${value()} must be ${isOpen(comparison) ? "before" : "at most"} '${limit}'`,
  maxItems: (_, { limit }, { data }) => `List has ${length(data)} items; at most ${limit} are allowed`,
  minItems: (_, { limit }, { data }) => `List has ${length(data)} items; at least ${limit} are needed`,
  uniqueItems: (_, { i, j }) => `Items ${Math.min(Number(i), Number(j))} and ${Math.max(Number(i), Number(j))} of the list are equal`,
  contains: (_, { minContains, maxContains }) => {
    if (maxContains === undefined) return `Fewer than ${minContains ?? 1} items of the list are as \`contains\` asks`;
    return `The list needs ${minContains ?? 1} to ${maxContains} items as \`contains\` asks`;
  },
  maxProperties: (_, { limit }, { data }) => `Map has ${length(data)} keys; at most ${limit} are allowed`,
  minProperties: (_, { limit }, { data }) => `Map has ${length(data)} keys; at least ${limit} are needed`,
  required: () => "Required value is missing",
  dependentRequired: (_, params) => dependency(params),
  dependencies: (_, params) => dependency(params),
  additionalProperties: (_, { additionalProperty }, error) => unknownProperty(String(additionalProperty), error),
  unevaluatedProperties: (_, { unevaluatedProperty }, error) => unknownProperty(String(unevaluatedProperty), error),
  propertyNames: (_, { propertyName }) => `Name ${showValue(propertyName)} is not allowed`,
  additionalItems: (_, { limit }) => `List has more than ${limit} items`,
  unevaluatedItems: (_, { len }) => `List has more than ${len} items`,
  items: (_, { limit }) => `List has more than ${limit} items`,
  not: (value) => `Value ${value()} is not allowed here`,
  "false schema": (value) => `Value ${value()} is not allowed: nothing is`,
};

function dependency({ missingProperty, property }: Readonly<Record<string, unknown>>): string {
  return `Required value is missing, since '${property}' is given: '${missingProperty}'`;
}

function unknownProperty(name: string, { parentSchema }: Found): string {
  const known = isJsonObject(parentSchema?.properties) ? Object.keys(parentSchema.properties) : [];
  const near = nearestName(name, known);
  return near === undefined ? "Unknown property" : `Unknown property; did you mean '${near}'?`;
}
