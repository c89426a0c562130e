/** Copies between a user's function and the journal. Neither side may change what the other holds. */
import { isPrototypeKey, type Json } from "../../core/json.ts";

const DEPTH_MAX = 100;

/**
 * A copy of a function's result. Members that are undefined are left out, and nothing at all counts as null.
 *
 * @throws a failure of class `validation` that names the first member JSON has no form for
 */
export function toPlainJson(value: unknown, path = "output", depth = 0): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (value === undefined) return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : refuse(path, `the number ${value}`);
  if (typeof value !== "object") return refuse(path, `a ${typeof value}`);
  if (depth >= DEPTH_MAX) return refuse(path, `nested deeper than ${DEPTH_MAX} levels, or holds itself`);
  if (Array.isArray(value)) return value.map((item, index) => toPlainJson(item, `${path}[${index}]`, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && !isPlain(prototype)) return refuse(path, `a ${nameOf(value)}`);
  const copy: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    if (isPrototypeKey(key)) return refuse(path, `a map with the key \`${key}\``);
    const member = (value as Readonly<Record<string, unknown>>)[key]; // a plain object; its members are looked at in turn
    if (member !== undefined) copy[key] = toPlainJson(member, `${path}.${key}`, depth + 1);
  }
  return copy;
}

/** A copy of an input, so that a function that sorts a list in place does not change what other steps see. */
export function copyJson(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(copyJson);
  const copy: Record<string, Json> = {};
  for (const key of Object.keys(value)) copy[key] = copyJson((value as { readonly [name: string]: Json })[key] as Json); // the key comes from the value
  return copy;
}

/** The prototype of plain objects, also of those from another context. */
function isPlain(prototype: unknown): boolean {
  return (
    prototype === Object.prototype || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "hasOwnProperty"))
  ); // prototypes are objects
}

function nameOf(value: object): string {
  const maker: unknown = value.constructor;
  return typeof maker === "function" && maker.name !== "" ? maker.name : "value of a class";
}

function refuse(path: string, what: string): never {
  throw Object.assign(new Error(`${path} is ${what}; a function must answer JSON.`), { code: "OUTPUT_NOT_JSON", class: "validation" });
}
