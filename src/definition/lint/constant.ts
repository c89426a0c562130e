/** Conditions whose answer never changes, found by trying every value that schemas allow. */
import type { Expression } from "../../../grammar/ast.ts";
import { isTroupeError } from "../../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { evaluateCondition } from "../../expression/evaluate.ts";
import { referencesOf } from "../../expression/references.ts";
import { scopeOf } from "../../expression/scope.ts";
import { viewMember, viewSchema, viewValues } from "../schema-view.ts";

/** Combinations of values that are tried. */
const TRIES_MAX = 256;

/**
 * True or false where a condition is that for every input that the schema allows; null where it depends, or where that cannot be told.
 * Only the input counts: a step's output may be missing.
 */
export function constantAnswer(expression: Expression, inputSchema: JsonObject | null): boolean | null {
  const choices = new Map<string, { readonly path: readonly string[]; readonly values: readonly Json[] }>();
  for (const { root, path } of referencesOf(expression)) {
    if (root !== "input" || path.length === 0 || path.some((key) => typeof key !== "string")) return null;
    const names = path.map(String);
    const values = viewValues(names.reduce(viewMember, viewSchema(inputSchema)));
    if (values === null || !isRequired(inputSchema, names)) return null;
    choices.set(names.join("\0"), { path: names, values });
  }
  const all = [...choices.values()];
  const count = all.reduce((product, { values }) => product * values.length, 1);
  if (count === 0 || count > TRIES_MAX) return null;
  let answer: boolean | null = null;
  for (let number = 0; number < count; number++) {
    const given = evaluated(expression, inputOf(all, number));
    if (given === null || (answer !== null && given !== answer)) return null;
    answer = given;
  }
  return answer;
}

/** Each name on the way must be there in every valid input; a default puts it there too. */
function isRequired(schema: JsonObject | null, path: readonly string[]): boolean {
  let current: Json | undefined = schema ?? undefined;
  for (const name of path) {
    if (!isJsonObject(current) || current.$ref !== undefined) return false;
    const { required, properties }: JsonObject = current;
    const next: Json | undefined = isJsonObject(properties) ? properties[name] : undefined;
    const isThere = (Array.isArray(required) && required.includes(name)) || (isJsonObject(next) && next.default !== undefined);
    if (!isThere) return false;
    current = next;
  }
  return true;
}

function inputOf(choices: readonly { readonly path: readonly string[]; readonly values: readonly Json[] }[], number: number): JsonObject {
  const input: Record<string, Json> = Object.create(null);
  let rest = number;
  for (const { path, values } of choices) {
    const value = values[rest % values.length] ?? null;
    rest = Math.floor(rest / values.length);
    let target = input;
    for (const name of path.slice(0, -1)) {
      const next = target[name] ?? Object.create(null);
      target[name] = next;
      target = next as Record<string, Json>; // made by the line before, or by another path with the same beginning
    }
    target[path.at(-1) ?? ""] = value;
  }
  return input;
}

function evaluated(expression: Expression, input: JsonObject): boolean | null {
  try {
    return evaluateCondition(expression, scopeOf({ input }));
  } catch (thrown) {
    if (isTroupeError(thrown)) return null; // told by the check of types, or at run time
    throw thrown;
  }
}
