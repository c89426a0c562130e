import { describe, expect, test } from "vitest";
import type { Json } from "../core/json.ts";
import { applyDefaults, schemaProblem, validateData } from "./data-schema.ts";

const messages = (schema: Json, data: Json): string[] =>
  validateData(schema, data).errors.map(({ path, message }) => `${path}: ${message}`);
const problemOf = (schema: Json): string | null => schemaProblem(schema)?.problem ?? null;
const object = (properties: Json, more: object = {}): Json => ({ type: "object", properties, ...more });

describe("messages", () => {
  const cases: readonly [name: string, schema: Json, data: Json, expected: readonly string[]][] = [
    [
      "maximum",
      object({ axial_load_dead: { type: "number", maximum: 10000 } }),
      { axial_load_dead: 15000 },
      ["input.axial_load_dead: Value 15000 exceeds maximum 10000"],
    ],
    ["minimum", object({ n: { minimum: 10 } }), { n: 5 }, ["input.n: Value 5 is below minimum 10"]],
    [
      "exclusive bounds",
      object({ a: { exclusiveMaximum: 5 }, b: { exclusiveMinimum: 5 } }),
      { a: 5, b: 5 },
      ["input.a: Value 5 must be less than 5", "input.b: Value 5 must be greater than 5"],
    ],
    [
      "enum",
      object({ concrete_grade: { enum: ["M20", "M25", "M30"] } }),
      { concrete_grade: "M50" },
      ["input.concrete_grade: Value 'M50' is not one of ['M20', 'M25', 'M30']"],
    ],
    [
      "pattern",
      object({ project_code: { pattern: "^PRJ-[0-9]{4}-[A-Z]{3}$" } }),
      { project_code: "ABC123" },
      ["input.project_code: Value 'ABC123' does not match pattern '^PRJ-[0-9]{4}-[A-Z]{3}$'"],
    ],
    [
      "type",
      object({ a: { type: "number" }, b: { type: ["string", "null"] } }),
      { a: "x", b: 1 },
      ["input.a: Value 'x' is not of type number", "input.b: Value 1 is not of type string or null"],
    ],
    [
      "required",
      object({}, { required: ["load", "grade"] }),
      {},
      ["input.load: Required value is missing", "input.grade: Required value is missing"],
    ],
    [
      "additionalProperties",
      object({ load: {} }, { additionalProperties: false }),
      { laod: 1, other: 2 },
      ["input.laod: Unknown property; did you mean 'load'?", "input.other: Unknown property"],
    ],
    [
      "lengths",
      object({ a: { minLength: 3 }, b: { maxLength: 1 }, c: { minLength: 1 } }),
      { a: "x", b: "é😀", c: "" },
      [
        "input.a: Value 'x' has 1 characters; at least 3 are needed",
        "input.b: Value 'é😀' has 2 characters; at most 1 are allowed",
        "input.c: Value '' is empty",
      ],
    ],
    ["multipleOf", { multipleOf: 5 }, 7, ["input: Value 7 is not a multiple of 5"]],
    ["format", { format: "date" }, "2026-13-01", ["input: Value '2026-13-01' is not a valid date"]],
    ["const", { const: { a: 1 } }, 1, ['input: Value 1 is not {"a":1}']],
    ["items", { items: { type: "integer" } }, [1, 2.5], ["input[1]: Value 2.5 is not of type integer"]],
    ["minItems, maxItems", { minItems: 2 }, [1], ["input: List has 1 items; at least 2 are needed"]],
    ["uniqueItems", { uniqueItems: true }, [{ a: 1, b: 2 }, 3, { b: 2, a: 1 }], ["input: Items 0 and 2 of the list are equal"]],
    ["contains", { contains: { type: "string" } }, [1], ["input: Fewer than 1 items of the list are as `contains` asks"]],
    [
      "propertyNames",
      { propertyNames: { pattern: "^[a-z]+$" } },
      { A: 1 },
      ["input: Name 'A' is not allowed: Value 'A' does not match pattern '^[a-z]+$'"],
    ],
    ["minProperties", { minProperties: 1 }, {}, ["input: Map has 0 keys; at least 1 are needed"]],
    ["dependencies", { dependencies: { a: ["b"] } }, { a: 1 }, ["input: Required value is missing, since 'a' is given: 'b'"]],
    ["anyOf of types", { anyOf: [{ type: "number" }, { type: "null" }] }, "x", ["input: Value 'x' is not of type number or null"]],
    ["oneOf twice", { oneOf: [{ type: "number" }, { minimum: 1 }] }, 2, ["input: Value 2 fits more than one of the allowed forms"]],
    [
      "anyOf of forms",
      { anyOf: [{ type: "string" }, object({ a: { maximum: 1 } })] },
      { a: 2 },
      ['input: Value {"a":2} fits none of the allowed forms; closest: a: Value 2 exceeds maximum 1'],
    ],
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    ["if", { if: { minimum: 5 }, then: { multipleOf: 2 } }, 7, ["input: Value 7 is not a multiple of 2"]],
    ["not", { not: { type: "string" } }, "x", ["input: Value 'x' is not allowed here"]],
    ["false", false, 1, ["input: Value 1 is not allowed: nothing is"]],
  ];
  test.each(cases)("%s", (_, schema, data, expected) => {
    expect(messages(schema, data)).toEqual(expected);
  });

  test("all errors come at once, with their keywords", () => {
    const schema = object({ a: { maximum: 1 }, b: { enum: ["x"] } }, { required: ["c"] });
    expect(
      validateData(schema, { a: 2, b: "y" })
        .errors.map((error) => error.keyword)
        .sort(),
    ).toEqual(["enum", "maximum", "required"]);
  });

  test("the root of paths has the name that is asked for", () => {
    expect(validateData({ properties: { a: { type: "null" } } }, { a: 1 }, { root: "output" }).errors[0]?.path).toBe("output.a");
  });
});

describe("dialects", () => {
  test("2020-12 is read where $schema says so, draft-07 elsewhere", () => {
    const tuple = { $schema: "https://json-schema.org/draft/2020-12/schema", prefixItems: [{ type: "string" }], items: false };
    expect(validateData(tuple, ["x"]).valid).toBe(true);
    expect(validateData(tuple, ["x", 1]).valid).toBe(false);
    expect(validateData({ items: [{ type: "string" }], additionalItems: false }, ["x", 1]).valid).toBe(false);
    expect(validateData({ $schema: "https://json-schema.org/draft/2020-12/schema", dependentRequired: { a: ["b"] } }, { a: 1 }).valid).toBe(
      false,
    );
  });

  test("another dialect is refused", () => {
    expect(() => validateData({ $schema: "http://json-schema.org/draft-04/schema#" }, 1)).toThrow(
      expect.objectContaining({ code: "DEF_BAD_SCHEMA" }),
    );
  });

  test("references inside the schema are followed, also in a circle", () => {
    const tree = {
      $ref: "#/definitions/node",
      definitions: { node: { type: "object", properties: { child: { $ref: "#/definitions/node" }, n: { type: "number" } } } },
    };
    expect(messages(tree, { child: { child: { n: "x" } } })).toEqual(["input.child.child.n: Value 'x' is not of type number"]);
  });

  test("two schemas may have the same $id", () => {
    expect(validateData({ $id: "https://example.com/a", type: "number" }, 1).valid).toBe(true);
    expect(validateData({ $id: "https://example.com/a", type: "string" }, 1).valid).toBe(false);
  });
});

test("objects without a prototype are compared like others", () => {
  const data = Object.assign(Object.create(null), { a: 1 }) as Json;
  expect(validateData({ enum: [{ a: 1 }] }, data).valid).toBe(true);
  expect(validateData({ const: { a: 2 } }, data).valid).toBe(false);
  expect(validateData({ uniqueItems: true }, [data, data]).valid).toBe(false);
  expect(validateData({ enum: [[1], null, 2] }, null).valid).toBe(true);
});

describe("defaults", () => {
  test("are filled in on a copy", () => {
    const data = { loads: [{}] };
    const schema = object({ grade: { default: "M25" }, loads: { items: object({ value: { default: 3 } }) } });
    const filled = applyDefaults(schema, data);
    expect(filled.valid).toBe(true);
    expect(filled.data).toEqual({ grade: "M25", loads: [{ value: 3 }] });
    expect(data).toEqual({ loads: [{}] });
  });
});

describe("S-7: schemas of others do no harm", () => {
  test.each(["(a+)+$", "^(a|a)*$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y"])("the pattern %s takes linear time", (pattern) => {
    const started = performance.now();
    validateData({ pattern }, `${"a".repeat(5_000)}!`);
    validateData({ pattern }, `${"x".repeat(5_000)}!`);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test("patternProperties run on the same machine", () => {
    const started = performance.now();
    validateData({ patternProperties: { "^(a+)+$": { type: "number" } } }, { [`${"a".repeat(40)}!`]: "x" });
    expect(performance.now() - started).toBeLessThan(500);
  });

  test("a pattern beyond linear time is used where its worst case is small", () => {
    const schema = { pattern: "^(?=.*[A-Z])(?=.*\\d).{8,}$" };
    expect(validateData(schema, "Passw0rd").valid).toBe(true);
    expect(validateData(schema, "password").valid).toBe(false);
    expect(messages(schema, "A1".repeat(300))[0]).toContain("too long");
  });

  test("a pattern that needs look-around and nests repetitions is refused", () => {
    expect(problemOf({ pattern: "^(?=(a+)+$)b" })).toContain("too long");
    expect(problemOf({ pattern: "^(a+)\\1$" })).not.toBeNull();
    expect(problemOf({ pattern: "(" })).toContain("no regular expression");
  });

  test("the payload of CVE-2025-69873 does nothing, since $data is off", () => {
    const schema = {
      type: "object",
      properties: { pattern: { type: "string" }, value: { type: "string", pattern: { $data: "1/pattern" } } },
    };
    expect(() => validateData(schema, { pattern: "^(a|a)*$", value: `${"a".repeat(30)}X` })).toThrow(
      expect.objectContaining({ code: "DEF_BAD_SCHEMA" }),
    );
  });

  test("remote references are refused", () => {
    expect(problemOf({ $ref: "https://example.com/schema.json" })).toBe(
      "the reference https://example.com/schema.json leads out of the schema",
    );
  });

  test("a reference to itself without end is an answer, not a crash", () => {
    const endless = { $ref: "#/definitions/a", definitions: { a: { $ref: "#/definitions/b" }, b: { $ref: "#/definitions/a" } } };
    expect(() => validateData(endless, 1)).not.toThrow(RangeError);
    const deep = { type: "array", items: { $ref: "#" } };
    let data: Json = [];
    for (let depth = 0; depth < 50_000; depth++) data = [data];
    expect(validateData(deep, data).errors[0]?.message).toBe("Value is nested too deep");
  });

  test("references that multiply are followed so far and no further (S-7)", () => {
    const doubling = (keyword: string, count: number): Json => {
      const twice = (of: number): Json => ({ [keyword]: [{ $ref: `#/definitions/a${of}` }, { $ref: `#/definitions/a${of}` }] });
      const links = Array.from({ length: count }, (_, index) => [`a${index}`, twice(index + 1)] as const);
      return { $ref: "#/definitions/a0", definitions: { ...Object.fromEntries(links), [`a${count}`]: { type: "number" } } };
    };
    const tree: Json = { properties: { c: { anyOf: [{ $ref: "#" }, { $ref: "#", minProperties: 1 }] } }, required: ["leaf"] };
    let deep: Json = {};
    for (let depth = 0; depth < 40; depth++) deep = { c: deep };
    for (const [schema, data] of [
      [doubling("allOf", 50), 1],
      [doubling("anyOf", 50), "x"],
      [doubling("oneOf", 50), 1],
      [tree, deep],
    ] as const) {
      const begin = performance.now();
      expect(validateData(schema, data).errors.map(({ message }) => message)).toEqual([expect.stringContaining("takes too long to check")]);
      expect(performance.now() - begin).toBeLessThan(5_000);
    }
    expect(validateData(doubling("allOf", 10), 1).valid).toBe(true);
  });

  test("references in the newer dialect are counted too", () => {
    const schema: Json = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $dynamicAnchor: "node",
      properties: { c: { anyOf: [{ $dynamicRef: "#node" }, { $dynamicRef: "#node", minProperties: 1 }] } },
      required: ["leaf"],
    };
    let deep: Json = {};
    for (let depth = 0; depth < 40; depth++) deep = { c: deep };
    expect(validateData(schema, deep).errors[0]?.message).toContain("takes too long to check");
  });

  test("a large value may have a reference for each of its parts, and is told all that is wrong", () => {
    const schema: Json = {
      type: "array",
      items: { $ref: "#/definitions/row" },
      definitions: { row: { type: "object", properties: { id: { $ref: "#/definitions/id" } } }, id: { type: "integer" } },
    };
    const rows = Array.from({ length: 60_000 }, (_, id) => ({ id: id === 59_999 ? "last" : id }));
    expect(validateData(schema, rows).errors).toMatchObject([{ path: "input[59999].id", keyword: "type" }]);
  });

  test("a list whose rows refer to a tree is checked as far as it goes", () => {
    const node: Json = { type: "object", properties: { children: { type: "array", items: { $ref: "#" } } }, required: ["name"] };
    const grow = (depth: number): Json => ({ name: "n", children: depth === 0 ? [] : [grow(depth - 1), grow(depth - 1)] });
    expect(validateData(node, grow(14)).valid).toBe(true);
  });

  test("huge and deep schemas are refused before they are compiled", () => {
    let deep: Json = {};
    for (let depth = 0; depth < 200; depth++) deep = { not: deep };
    expect(problemOf(deep)).toContain("deep");
    expect(problemOf({ enum: Array.from({ length: 30_000 }, (_, index) => index) })).toContain("more than 20000 values");
    const wide = Object.fromEntries(Array.from({ length: 1_600 }, (_, index) => [`field${index}`, { type: "string" }]));
    expect(problemOf(object(wide))).toContain("more than 1500 maps");
  });

  test("uniqueItems is linear", () => {
    const started = performance.now();
    expect(
      validateData(
        { uniqueItems: true },
        Array.from({ length: 20_000 }, (_, id) => ({ id, text: "x" })),
      ).valid,
    ).toBe(true);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test("prototype keys are refused in schemas and harmless in data", () => {
    const hostile = JSON.parse('{"properties":{"__proto__":{"default":{"polluted":true}}}}') as Json;
    expect(problemOf(hostile)).toContain("__proto__");
    expect(validateData({ required: ["toString"] }, {}).valid).toBe(false);
    applyDefaults({ properties: { a: { default: 1 } } }, JSON.parse('{"__proto__":{"polluted":true}}') as Json);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
