import { expect, test } from "vitest";
import { validateData } from "./data-schema.ts";

test("each pattern of a schema is asked for itself, whichever engine runs it", () => {
  const patterns = { a: "^run_[0-9]+$", b: "^/", c: "^(?!x).*$", d: "^(?!y).*$" };
  const properties = Object.fromEntries(Object.entries(patterns).map(([name, pattern]) => [name, { type: "string", pattern }]));
  const schema = { type: "object", properties };
  const pathsOf = (data: Record<string, string>): readonly string[] =>
    validateData(schema, data, { root: "" }).errors.map(({ path }) => path);
  expect(pathsOf({ a: "run_1", b: "/work", c: "yes", d: "xes" })).toEqual([]);
  expect(pathsOf({ a: "/work", b: "run_1", c: "xes", d: "yes" }).toSorted()).toEqual(["a", "b", "c", "d"]);
});
