/** Evaluates the parsed fields of a definition. */
import type { Json } from "../core/json.ts";
import { evaluateCondition } from "../expression/evaluate.ts";
import { renderTemplate, renderText } from "../expression/render.ts";
import type { Scope } from "../expression/scope.ts";
import type { Field } from "./field.ts";

/** @throws DefinitionError EXPR_* with the place of the expression that failed */
export function evaluateField(field: Field, scope: Scope): Json {
  switch (field.kind) {
    case "literal":
      return field.value;
    case "condition":
      return evaluateCondition(field.expression, scope);
    case "text":
      return renderText(field.text, scope);
    case "template":
      return renderTemplate(field.template, scope);
    case "list":
      return field.items.map((item) => evaluateField(item, scope));
    case "map":
      return evaluateFields(field.entries, scope);
  }
}

export function evaluateFields(fields: Readonly<Record<string, Field>>, scope: Scope): Readonly<Record<string, Json>> {
  const values: Record<string, Json> = {};
  for (const name of Object.keys(fields)) values[name] = evaluateField(fields[name] as Field, scope); // the name comes from the record
  return values;
}

/** Text of a value where only text can stand, such as an environment variable. */
export function toPlainText(value: Json): string {
  if (typeof value === "string") return value;
  return value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
}
