import fc from "fast-check";
import { expect, test } from "vitest";
import { repeatedName } from "./json-body.ts";

test.each([
  ['{"a":1,"a":2}', "a"],
  ['{"a":{"b":1,"c":2,"b":3}}', "b"],
  ['[{"x":1},{"y":1,"y":1}]', "y"],
  ['{"a":1,"\\u0061":2}', "a"],
  ['{"a":"{","a":1}', "a"],
  ['{"a":[{"a":1}],"a":1}', "a"],
  ['{"":1,"":2}', ""],
])("%s names %j twice", (text, name) => {
  expect(repeatedName(text)).toBe(name);
});

test.each([
  '{"a":{"a":{"a":1}}}',
  '["a","a"]',
  '{"a":"a","b":"a"}',
  '{"a":"\\"a\\":1,\\"a\\":1"}',
  '[{"a":1},{"a":1}]',
  "",
  "{",
  '"a',
  "[[[[",
  "}]",
])("%s names nothing twice", (text) => {
  expect(repeatedName(text)).toBeNull();
});

test("no JSON that was written from a value names anything twice", () => {
  fc.assert(fc.property(fc.json({ maxDepth: 5 }), (text) => repeatedName(text) === null));
});

test("ten thousand maps within each other, and as many backslashes, take no time to speak of", () => {
  const began = performance.now();
  expect(repeatedName(`${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`)).toBeNull();
  expect(repeatedName(`{"a":"${"\\\\".repeat(500_000)}`)).toBeNull();
  expect(performance.now() - began).toBeLessThan(2_000);
});
