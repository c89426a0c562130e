/** What is looked at in a JSON Schema before it is compiled: size, keys and references. */
import { isJsonObject, isPrototypeKey, type Json } from "../core/json.ts";

/** Values in one schema, such as those of an `enum`, and their nesting. */
const SCHEMA_NODES_MAX = 20_000;
/** Maps among them: compiling takes up to 0.7 ms for each, which holds up everything else in the process (ADR-0008). */
const SCHEMA_MAPS_MAX = 1_500;
const SCHEMA_DEPTH_MAX = 64;

const DIALECTS: readonly (readonly [pattern: RegExp, dialect: SchemaDialect])[] = [
  [/^https?:\/\/json-schema\.org\/draft-0[67]\/schema#?$/, "draft-07"],
  [/^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/, "2020-12"],
];
export type SchemaDialect = "draft-07" | "2020-12";

/** The dialect that `$schema` names (draft-07 where it is silent), or null for one that is not known. */
export function dialectOf(schema: Json): SchemaDialect | null {
  if (!isJsonObject(schema) || schema.$schema === undefined) return "draft-07";
  const { $schema } = schema;
  return DIALECTS.find(([pattern]) => typeof $schema === "string" && pattern.test($schema))?.[1] ?? null;
}

/** In words why a value cannot be a schema, before a compiler sees it; null if nothing speaks against it. */
export function whyNotSchema(schema: Json): string | null {
  if (typeof schema !== "boolean" && !isJsonObject(schema)) return "a schema is a map, `true` or `false`";
  if (dialectOf(schema) === null) return "`$schema` names neither draft-07 nor 2020-12";
  return new Inspection().problem(schema, 0);
}

class Inspection {
  #nodes = 0;
  #maps = 0;

  problem(value: Json, depth: number): string | null {
    if (++this.#nodes > SCHEMA_NODES_MAX) return `it has more than ${SCHEMA_NODES_MAX} values`;
    if (depth > SCHEMA_DEPTH_MAX) return `it is nested more than ${SCHEMA_DEPTH_MAX} deep`;
    if (typeof value !== "object" || value === null) return null;
    if (!isJsonObject(value)) {
      for (const item of value as readonly Json[]) {
        const problem = this.problem(item, depth + 1);
        if (problem !== null) return problem;
      }
      return null;
    }
    if (++this.#maps > SCHEMA_MAPS_MAX) return `it has more than ${SCHEMA_MAPS_MAX} maps`;
    for (const key of Object.keys(value)) {
      if (isPrototypeKey(key)) return `the key \`${key}\` is not allowed`;
      const problem = this.problem(value[key] ?? null, depth + 1);
      if (problem !== null) return problem;
    }
    return null;
  }
}
