/** Fields that are evaluated when somebody reads them, so that one that cannot be evaluated is in nobody else's way. */
import type { Json, JsonObject } from "../core/json.ts";
import type { Scope } from "../expression/scope.ts";
import { evaluateField } from "./evaluate-field.ts";
import type { Field } from "./field.ts";

export function lazyFields(fields: Readonly<Record<string, Field>>, scope: Scope): JsonObject {
  const values: JsonObject = {};
  for (const [name, field] of Object.entries(fields)) {
    if (field.kind === "literal") Object.defineProperty(values, name, { enumerable: true, value: field.value });
    else Object.defineProperty(values, name, { enumerable: true, get: (): Json => evaluateField(field, scope) });
  }
  return values;
}
