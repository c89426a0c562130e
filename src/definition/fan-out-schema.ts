/** What is known about the values of a fan-out before it runs, as schemas. */
import type { JsonObject } from "../core/json.ts";
import type { FanOut } from "../plan/step-policies.ts";
import type { CompiledStep } from "../plan/workflow.ts";

/** One result: `{ key, index, status, output, error }`. The step's `output` describes one item's. */
function resultSchema({ outputSchema }: CompiledStep): JsonObject {
  return {
    type: "object",
    properties: {
      key: { type: "string" },
      index: { type: "integer" },
      status: { type: "string" },
      // A reference inside would point into the wrong root; then nothing is claimed. Failed items have no output.
      output: outputSchema === null || JSON.stringify(outputSchema).includes('"$ref"') ? {} : orNone(outputSchema),
      error: { type: ["object", "null"] },
    },
    additionalProperties: false,
  };
}

function orNone(schema: JsonObject): JsonObject {
  const { type } = schema;
  return type === undefined ? schema : { ...schema, type: [...new Set([type, "null"].flat())] };
}

export function fanOutputSchema(step: CompiledStep): JsonObject {
  return { type: "array", items: resultSchema(step) };
}

export function byKeySchema(step: CompiledStep): JsonObject {
  return { type: "object", additionalProperties: resultSchema(step) };
}

export function itemSchema(fanOut: FanOut): JsonObject {
  return {
    type: "object",
    properties: { key: { type: "string" }, index: { type: "integer" }, value: valueSchema(fanOut) },
    additionalProperties: false,
  };
}

/** A combination has the names of the axes, and those that `include` adds. */
function valueSchema({ over }: FanOut): JsonObject {
  if (over.kind === "list") return {};
  const names = new Set(Object.keys(over.axes));
  for (const field of over.include) {
    if (field.kind === "literal" && typeof field.value === "object" && field.value !== null)
      for (const name of Object.keys(field.value)) names.add(name);
    else if (field.kind === "map") for (const name of Object.keys(field.entries)) names.add(name);
    else return {};
  }
  return { type: "object", properties: Object.fromEntries([...names].map((name) => [name, {}])), additionalProperties: false };
}
