import { Ajv } from "ajv";
import draft07 from "ajv/dist/refs/json-schema-draft-07.json" with { type: "json" };
import addFormats from "ajv-formats";
import fc from "fast-check";
import { expect, test } from "vitest";
import { builtInStepTypes } from "../../test/support/step-types.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { modelSchemas } from "./model.generated.ts";
import { defaultsSchema, stepSchema } from "./published-schema.ts";
import { fits } from "./quick-fit.ts";
import { toNode } from "./source-node.ts";

const ajv = new Ajv({ strict: false, validateSchema: false, logger: false });
addFormats.default(ajv);

const words = fc.constantFrom(
  "a",
  "",
  "my-step",
  "1s",
  "soon",
  "all_success",
  "once",
  "fixed",
  "transient",
  "net",
  "(",
  "^a+$",
  "string",
  "number",
  "object",
  "😀",
);
const leaf: fc.Arbitrary<Json> = fc.oneof(
  words,
  fc.integer({ min: -2, max: 7 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const keys = fc.constantFrom(
  "id",
  "type",
  "run",
  "args",
  "needs",
  "when",
  "with",
  "env",
  "timeout",
  "after",
  "then",
  "retry",
  "max",
  "on",
  "cost",
  "usd",
  "priority",
  "locks",
  "cases",
  "do",
  "check",
  "checks",
  "properties",
  "required",
  "items",
  "enum",
  "minimum",
  "pattern",
  "anyOf",
  "default",
  "uniqueItems",
  "definitions",
  "steps",
  "name",
  "use",
  "labels",
  "format",
  "not",
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(keys, tie("value"), { maxKeys: 4 }),
  ),
}));

const schemas: readonly (readonly [name: string, schema: JsonObject])[] = [
  ["document", modelSchemas.document],
  ...builtInStepTypes.map((declaration) => [`step ${declaration.type}`, stepSchema(modelSchemas, declaration)] as const),
  ...builtInStepTypes.map((declaration) => [`defaults ${declaration.type}`, defaultsSchema(modelSchemas, declaration)] as const),
  ["draft-07", JSON.parse(JSON.stringify({ ...draft07, $id: undefined, $schema: undefined })) as JsonObject],
];

test.each(schemas)("QF1: %s: where it says yes, Ajv does too", (_, schema) => {
  const validate = ajv.compile(schema);
  const properties = Object.entries((schema.properties ?? {}) as JsonObject).map(
    ([name, property]) => [name, property, ajv.compile({ ...(property as object), definitions: schema.definitions })] as const,
  );
  fc.assert(
    fc.property(value, (made) => {
      // Ajv's own comparison cannot take objects without a prototype.
      const data = JSON.parse(JSON.stringify(made)) as Json;
      const node = toNode(data);
      if (fits(schema, node)) expect(validate(data)).toBe(true);
      if (String(schema.$ref) === "#") return;
      for (const [, property, check] of properties) {
        if (!JSON.stringify(property).includes('"#') && fits(property, node, schema)) expect(check(data)).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});

test("it says yes to what is usual", () => {
  const shell = builtInStepTypes[0];
  if (shell === undefined) throw new Error("there is no step type");
  const step = {
    id: "a",
    type: "shell",
    run: "make",
    needs: ["b"],
    timeout: "2m",
    retry: { max: 3, on: ["transient"] },
    env: { A: "1" },
    cost: { usd: 1 },
  };
  expect(fits(stepSchema(modelSchemas, shell), toNode(step))).toBe(true);
  expect(
    fits(
      draft07,
      toNode({
        type: "object",
        properties: { a: { type: ["string", "null"], pattern: "^a" } },
        required: ["a"],
        additionalProperties: false,
      }),
    ),
  ).toBe(true);
});
