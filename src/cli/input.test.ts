import { describe, expect, test } from "vitest";
import type { Json } from "../core/json.ts";
import { applyPair } from "./input.ts";

const SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    load: { type: "number" },
    count: { type: "integer" },
    loud: { type: "boolean" },
    code: { type: "string" },
    maybe: { type: ["string", "null"] },
    list: { type: "array" },
    grade: { enum: ["M20", 25] },
    project: { type: "object", properties: { id: { type: "string" }, size: { type: "number" } } },
    anything: {},
  },
};

describe("a value is what the schema wants", () => {
  test.each<[string, Json]>([
    ["load=900", { load: 900 }],
    ["load=much", { load: "much" }],
    ["count=2", { count: 2 }],
    ["loud=true", { loud: true }],
    ["code=007", { code: "007" }],
    ["code=12", { code: "12" }],
    ["code=a=b", { code: "a=b" }],
    ["code=", { code: "" }],
    ["maybe=null", { maybe: null }],
    ["maybe=nothing", { maybe: "nothing" }],
    ["list=[1,2]", { list: [1, 2] }],
    ["grade=25", { grade: 25 }],
    ["grade=M20", { grade: "M20" }],
    ["project.id=12", { project: { id: "12" } }],
    ["anything=12", { anything: 12 }],
    ["anything=twelve", { anything: "twelve" }],
  ])("%s", (pair, input) => {
    expect(applyPair({}, pair, SCHEMA)).toEqual(input);
  });

  test("pairs add up, and go into maps that are there", () => {
    const first = applyPair({ project: { id: "a" } }, "project.size=3", SCHEMA);
    expect(applyPair(first, "load=1", null)).toEqual({ project: { id: "a", size: 3 }, load: 1 });
  });

  test("an unknown name of a closed schema is told with the nearest one", () => {
    expect(() => applyPair({}, "laod=1", SCHEMA)).toThrow(expect.objectContaining({ code: "CLI_USAGE", fix: "Did you mean `load`?" }));
    expect(() => applyPair({}, "x=1", { ...SCHEMA, properties: {} })).toThrow(expect.objectContaining({ fix: "It takes none." }));
  });

  test.each(["load", "=1", "a..b=1", "__proto__=1", "a.constructor=1"])("%s is refused", (pair) => {
    expect(() => applyPair({}, pair, null)).toThrow(expect.objectContaining({ code: "CLI_USAGE" }));
  });
});
