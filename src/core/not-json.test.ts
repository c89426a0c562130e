import { expect, test } from "vitest";
import { findNotJson } from "./not-json.ts";

test("JSON has no problem, and neither has a member that is undefined", () => {
  const inner = Object.assign(Object.create(null), { list: [1, -0.5, "a", null, true, {}] });
  for (const value of [null, "", 0, false, [], { a: undefined, inner }]) expect(findNotJson(value, "input")).toBeNull();
});

test("what JSON cannot hold is named by its place", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const cases: readonly [unknown, string][] = [
    [undefined, "`input` is undefined"],
    [[1, undefined], "`input[1]` is undefined"],
    [{ a: [Number.NaN] }, "`input.a[0]` is the number NaN"],
    [{ a: 1n }, "`input.a` is a bigint"],
    [() => 1, "`input` is a function"],
    [{ at: new Date(0) }, "`input.at` is a Date"],
    [new (class {})(), "`input` is a value of a class"],
    [circle, "`input.self.self.self.self.self.self.self…` is nested deeper than 100 levels, or holds itself"],
  ];
  for (const [value, problem] of cases) expect(findNotJson(value, "input")).toBe(problem);
});

test("a value of any depth is refused without losing the stack", () => {
  let deep: unknown = 1;
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  expect(findNotJson(deep, "input")).toContain("deeper than 100 levels");
});
