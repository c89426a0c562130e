/** Values from other people's code may be anything; the journal holds JSON. */

/** Deepest value that is taken in: no walk over it may exhaust the stack. */
const DEPTH_MAX = 100;

/** What is wrong with a value that should be JSON, in words that name the member; null if nothing is. Members that are undefined do not count. */
export function findNotJson(value: unknown, path: string, depth = 0): string | null {
  if (value === null || typeof value === "string" || typeof value === "boolean") return null;
  if (typeof value === "number") return Number.isFinite(value) ? null : `\`${path}\` is the number ${value}`;
  if (typeof value !== "object") return `\`${path}\` is ${value === undefined ? "undefined" : `a ${typeof value}`}`;
  if (depth >= DEPTH_MAX) return `\`${shortened(path)}\` is nested deeper than ${DEPTH_MAX} levels, or holds itself`;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const problem = findNotJson(item, `${path}[${index}]`, depth + 1);
      if (problem !== null) return problem;
    }
    return null;
  }
  const name = nameOf(value);
  if (name !== null) return `\`${path}\` is a ${name}`;
  for (const key of Object.keys(value)) {
    const member = (value as Readonly<Record<string, unknown>>)[key]; // A plain object.
    const problem = member === undefined ? null : findNotJson(member, `${path}.${key}`, depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}

/** The class of an object that is more than its members; null for a plain one, also of another realm. */
function nameOf(value: object): string | null {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return null;
  const isPlain = Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "hasOwnProperty"); // Prototypes are objects.
  if (isPlain) return null;
  const { constructor: maker } = value;
  return typeof maker === "function" && maker.name !== "" ? maker.name : "value of a class";
}

function shortened(path: string): string {
  return path.length > 40 ? `${path.slice(0, 40)}…` : path;
}
