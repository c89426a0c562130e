import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../api/json.ts";
import { inAuthorsOrder } from "./author-order.ts";
import { emptyDraft, fromJson, problemsIn, toJson } from "./draft.ts";
import { readField } from "./shape.ts";

const SCHEMA: Json = {
  type: "object",
  required: ["load", "site", "kind"],
  definitions: { point: { type: "object", required: ["x"], properties: { x: { type: "number" }, y: { type: "number" } } } },
  properties: {
    load: { type: "integer", minimum: 1, maximum: 10, description: "In tonnes." },
    kind: { enum: ["strip", 7, null] },
    site: { $ref: "#/definitions/point", description: "Where." },
    other: { $ref: "#/definitions/point" },
    names: { type: "array", items: { type: "string" }, maxItems: 2 },
    hasSteel: { type: "boolean", default: true },
    due: { type: "string", format: "date" },
    anything: {},
    both: { anyOf: [{ type: "string" }, { type: "number" }] },
  },
};

test("a schema becomes fields, and what is no field is typed as JSON", () => {
  const { shape } = readField(SCHEMA);
  if (shape.kind !== "object") throw new Error("no object");
  expect(shape.members.map(({ name, isRequired, field }) => [name, isRequired, field.shape.kind])).toEqual([
    ["load", true, "number"],
    ["kind", true, "choice"],
    ["site", true, "object"],
    ["other", false, "object"],
    ["names", false, "list"],
    ["hasSteel", false, "switch"],
    ["due", false, "text"],
    ["anything", false, "json"],
    ["both", false, "json"],
  ]);
  expect(shape.members.find(({ name }) => name === "site")?.field.description).toBe("Where.");
});

test("members stand in the order in which their author wrote them", () => {
  const field = readField({
    type: "object",
    properties: { b: { type: "object", properties: { x: {}, y: {} } }, list: { type: "array" }, load: {}, none: {} },
  });
  const source = "name: load\nsteps: []\ninput:\n  load: { type: integer }\n  'list': {}\n  b:\n    properties: { y: {}, x: {} }\n";
  const { shape } = inAuthorsOrder(field, source);
  if (shape.kind !== "object") throw new Error("no object");
  expect(shape.members.map(({ name }) => name)).toEqual(["load", "list", "b", "none"]);
  expect(JSON.stringify(shape.members[2])).toMatch(/"name":"y".*"name":"x"/);
});

test("a schema that refers to itself ends as JSON instead of never", () => {
  const field = readField({ type: "object", properties: { next: { $ref: "#" } } });
  expect(JSON.stringify(field)).toContain('"kind":"json"');
  expect(readField({ $ref: "#/definitions/none" }).shape.kind).toBe("json");
  expect(readField({ $ref: "#/definitions/a", definitions: { a: { $ref: "#/definitions/a" } } }).shape.kind).toBe("json");
});

test("an empty form gives the defaults, and says what is needed at its path", () => {
  const field = readField(SCHEMA);
  expect(toJson(field, emptyDraft(field), "input")).toEqual({
    value: { hasSteel: true, site: {} },
    problems: [
      { path: "input.load", message: "It is needed." },
      { path: "input.kind", message: "It is needed." },
      { path: "input.site.x", message: "It is needed." },
    ],
  });
});

test("what is needed inside something that nobody gives is not missing", () => {
  const field = readField(SCHEMA);
  const draft = fromJson(field, { load: 2, kind: 7, site: { x: 1 } });
  if (draft === null) throw new Error("not shown");
  expect(toJson(field, draft, "input").problems).toEqual([]);
});

test("a field that is no value yet keeps what was typed, and says why it is none", () => {
  const field = readField({ type: "integer", minimum: 1 });
  const said = (text: string) => toJson(field, { kind: "typed", text }, "input").problems.map(({ message }) => message);
  expect(said("1.5")).toEqual(["1.5 is no whole number."]);
  expect(said("one")).toEqual(["“one” is no number."]);
  expect(said("0")).toEqual(["It is 1 at least."]);
  expect(toJson(readField({}), { kind: "typed", text: "{" }, "input").problems[0]?.message).toMatch(/^It is no JSON/);
});

test("a value that the form has no place for is left to JSON", () => {
  const field = readField(SCHEMA);
  expect(fromJson(field, { load: 1, stranger: 1 })).toBeNull();
  expect(fromJson(field, { load: "1" })).toBeNull();
  expect(fromJson(readField({ type: "string" }), "two\nlines")).toBeNull();
});

test("every value that the form can show comes out of it again", () => {
  const point = fc.record({ x: fc.float({ noNaN: true, noDefaultInfinity: true }), y: fc.integer() }, { requiredKeys: ["x"] });
  const arbitrary = fc.record(
    {
      load: fc.integer({ min: 1, max: 10 }),
      kind: fc.constantFrom("strip", 7, null),
      site: point,
      other: point,
      names: fc.array(fc.string({ minLength: 1 }), { maxLength: 2 }),
      hasSteel: fc.boolean(),
      anything: fc.jsonValue(),
      both: fc.oneof(fc.string(), fc.integer()),
    },
    { requiredKeys: ["load", "kind", "site"] },
  );
  const field = readField(SCHEMA);
  fc.assert(
    fc.property(arbitrary, (value) => {
      const json = JSON.parse(JSON.stringify(value)) as Json;
      const draft = fromJson(field, json);
      if (draft === null) return; // A name with a line break.
      expect(toJson(field, draft, "input")).toEqual({ value: json, problems: [] });
    }),
  );
});

test("what the server says of a value finds its field", () => {
  const detail = "The input does not fit workflow `nightly`:\ninput.load: Value 0 is below 1\ninput.names[1]: Value 3: no text\ninput: no";
  expect(problemsIn(detail, "input")).toEqual([
    { path: "input.load", message: "Value 0 is below 1" },
    { path: "input.names[1]", message: "Value 3: no text" },
    { path: "input", message: "no" },
  ]);
});
