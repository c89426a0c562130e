/** What values mean to the language: their type's name, truth, equality, order and text. */
import type { Position } from "../../grammar/ast.ts";
import { isPrototypeKey, type Json, type JsonObject } from "../core/json.ts";
import { expressionError, type Frame, VALUE_DEPTH_MAX } from "./frame.ts";

export type TypeName = "text" | "number" | "boolean" | "none" | "list" | "map";

export function typeName(value: unknown): TypeName {
  if (value === null) return "none";
  switch (typeof value) {
    case "string":
      return "text";
    case "number":
    case "boolean":
      return typeof value as "number" | "boolean"; // the case labels say so
    default:
      return Array.isArray(value) ? "list" : "map";
  }
}

/** A type with its article, for messages. */
export function aType(value: unknown): string {
  const name = typeName(value);
  return name === "none" ? "none" : `a ${name}`;
}

export function isMap(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** Jinja2's truth: false, none, 0, and everything empty are false. */
export function isTruthy(value: unknown): boolean {
  if (value === null || value === false || value === 0 || value === "") return false;
  if (isList(value)) return value.length > 0;
  return isMap(value) ? Object.keys(value).length > 0 : true;
}

/** Equality of JSON values. Values of different types are not equal. */
export function isEqual(left: unknown, right: unknown, frame: Frame, at: Position, depth = 0): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  limitDepth(depth, at);
  if (isList(left)) {
    if (!isList(right) || left.length !== right.length) return false;
    frame.spend(left.length, at);
    return left.every((item, index) => isEqual(item, right[index], frame, at, depth + 1));
  }
  if (!isMap(left) || !isMap(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  frame.spend(keys.length, at);
  return keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key], right[key], frame, at, depth + 1));
}

const SURROGATE = /[\ud800-\udfff]/;

/** Order of texts by code point: what `<` says, unless characters beyond the basic plane are among them. */
function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  if (!SURROGATE.test(left) && !SURROGATE.test(right)) return left < right ? -1 : 1;
  const [one, other] = [[...left], [...right]];
  for (let index = 0; index < one.length && index < other.length; index++) {
    const difference = (one[index]?.codePointAt(0) ?? 0) - (other[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** Negative, zero or positive; null if the two have no order: only numbers and texts do, each among themselves. */
export function compareValues(left: unknown, right: unknown): number | null {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return compareTexts(left, right);
  return null;
}

/** Text of a value inside other text: itself, a number, `true`, nothing for none, compact JSON for lists and maps. */
export function toText(value: unknown, frame: Frame, at: Position): string {
  if (typeof value === "string") return value;
  if (value === null) return "";
  if (typeof value !== "object") return String(value);
  return toJsonText(value, frame, at);
}

export function toJsonText(value: unknown, frame: Frame, at: Position, indent = 0): string {
  payForTree(value, frame, at);
  const text = JSON.stringify(value, null, indent);
  frame.admitText(text.length, at);
  return text;
}

/** Pays for walking over a whole value, which may share parts, and refuses one that is nested too deep to walk. */
export function payForTree(value: unknown, frame: Frame, at: Position, depth = 0): void {
  if (typeof value === "string") frame.spendText(value, at);
  if (typeof value !== "object" || value === null) return;
  limitDepth(depth, at);
  const members = isList(value) ? value : Object.values(value);
  frame.spend(members.length + 1, at);
  for (const member of members) payForTree(member, frame, at, depth + 1);
}

function limitDepth(depth: number, at: Position): void {
  if (depth > VALUE_DEPTH_MAX) throw expressionError("EXPR_LIMIT", at, `The value is nested more than ${VALUE_DEPTH_MAX} deep.`);
}

/** Copies a value that came out of a parser: maps lose their prototype, and keys that name one are refused (S-5). Null on such a key. */
export function withoutPrototypes(value: Json, frame: Frame, at: Position, depth = 0): Json {
  // JSON's own text may say 1e999, and JSON.parse takes it for infinity, which no text of JSON can say.
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
    throw expressionError("EXPR_ARGUMENT", at, "A number in it is too large.");
  if (typeof value !== "object" || value === null) return value;
  limitDepth(depth, at);
  if (isList(value)) return value.map((item) => withoutPrototypes(item, frame, at, depth + 1));
  const copy: Record<string, Json> = Object.create(null);
  for (const [key, member] of Object.entries(value)) {
    if (isPrototypeKey(key)) throw expressionError("EXPR_ARGUMENT", at, `The key \`${key}\` is not allowed.`);
    copy[key] = withoutPrototypes(member as Json, frame, at, depth + 1); // members of JSON are JSON
  }
  return copy;
}

/** The characters of a text as people count them: code points. */
export function charsOf(text: string): readonly string[] {
  return SURROGATE.test(text) ? [...text] : text.split("");
}

export function charCount(text: string): number {
  return SURROGATE.test(text) ? [...text].length : text.length;
}
