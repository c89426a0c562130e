import { expect, test } from "vitest";
import { diffParts } from "./why.ts";

test("keys are compared part by part, and maps among them member by member", () => {
  const before = {
    files: { "a.b": "1", gone: "1" },
    inputs: { run: ["x"], same: 1 },
    definition: { config: { a: 1 } },
    version: "1",
    tool: {},
  };
  const now = {
    files: { "a.b": "2", fresh: "1" },
    inputs: { run: ["y"], same: 1 },
    definition: { config: { a: 2 } },
    version: "2",
    tool: {},
    more: 1,
  };
  expect(diffParts(before, now)).toEqual([
    { part: "definition.config", before: { a: 1 }, now: { a: 2 } },
    { part: "files.a.b", before: "1", now: "2" },
    { part: "files.fresh", before: null, now: "1" },
    { part: "files.gone", before: "1", now: null },
    { part: "inputs.run", before: ["x"], now: ["y"] },
    { part: "more", before: null, now: 1 },
    { part: "version", before: "1", now: "2" },
  ]);
  expect(diffParts(now, now)).toEqual([]);
});
