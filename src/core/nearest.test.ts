import { expect, test } from "vitest";
import { nearestName } from "./nearest.ts";

const names = ["build", "linter", "deploy", "test"];

test.each([
  ["biuld", "build"],
  ["lint", "linter"],
  ["Deploy", "deploy"],
  ["tset", "test"],
  ["buil", "build"],
])("%s is taken for %s", (name, expected) => {
  expect(nearestName(name, names)).toBe(expected);
});

test("a name that is far from all has no neighbour", () => {
  expect(nearestName("publish", names)).toBeUndefined();
  expect(nearestName("x", names)).toBeUndefined();
  expect(nearestName("build", [])).toBeUndefined();
  // Two edits turn half of a short name into another.
  expect(nearestName("fast", ["test", "list"])).toBeUndefined();
  expect(nearestName("a", ["b", "ab"])).toBeUndefined();
  expect(nearestName("rnu", ["run"])).toBe("run");
  expect(nearestName("if", ["it"])).toBe("it");
});

test("of several near names the closest wins, and the first of equals", () => {
  expect(nearestName("step1", ["step22", "step2", "step3"])).toBe("step2");
});
