/**
 * `uniqueItems`, `enum` and `const` for Ajv, by canonical text. Ajv's own compare each item with each other, which takes quadratic
 * time, and cannot compare objects without a prototype, which is what our readers make (S-5).
 */
import type { FuncKeywordDefinition, SchemaValidateFunction } from "ajv";
import { canonicalJson } from "../core/json.ts";

type Check = (value: unknown) => Readonly<Record<string, unknown>> | null;

/** @param compile answers, for the keyword's value, what is wrong with a datum: the error's params, or null. */
function keyword(
  name: string,
  more: Partial<FuncKeywordDefinition>,
  compile: (given: unknown) => Check,
): FuncKeywordDefinition & { readonly keyword: string } {
  return {
    ...more,
    keyword: name,
    errors: true,
    compile: (given: unknown) => {
      const problemOf = compile(given);
      const validate: SchemaValidateFunction = (value: unknown) => {
        const params = problemOf(value);
        if (params !== null) validate.errors = [{ keyword: name, params }];
        return params === null;
      };
      return validate as never; // Ajv calls it as declared, but names the type differently for compiled keywords
    },
  };
}

export const comparingKeywords = [
  keyword("uniqueItems", { type: "array", schemaType: "boolean" }, (isUnique) => (items) => {
    if (isUnique !== true || !Array.isArray(items)) return null;
    const seen = new Map<string, number>();
    for (const [j, item] of items.entries()) {
      const text = canonicalJson(item);
      const i = seen.get(text);
      if (i !== undefined) return { i, j };
      seen.set(text, j);
    }
    return null;
  }),
  keyword("enum", { schemaType: "array" }, (allowedValues) => {
    const texts = new Set((allowedValues as unknown[]).map(canonicalJson)); // schemaType says so
    return (value) => (texts.has(canonicalJson(value)) ? null : { allowedValues });
  }),
  keyword("const", {}, (allowedValue) => {
    const text = canonicalJson(allowedValue);
    return (value) => (canonicalJson(value) === text ? null : { allowedValue });
  }),
] as const;
