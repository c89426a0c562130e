import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, isJsonObject, isPrototypeKey } from "./json.ts";

describe("canonicalJson", () => {
  test("members are ordered by code unit, at every depth", () => {
    expect(canonicalJson({ b: 1, a: { "\u{1f600}": 1, "\ufb33": 2, B: [] } })).toBe('{"a":{"B":[],"\u{1f600}":1,"\ufb33":2},"b":1}');
  });

  test("numbers are written as ECMAScript prints them", () => {
    expect(canonicalJson([1e21, 1.0, -0, 0.1, 1e-7])).toBe("[1e+21,1,0,0.1,1e-7]");
  });

  test("an undefined member is left out and an undefined element is null, as in JSON.stringify", () => {
    expect(canonicalJson({ a: undefined, b: [undefined, null] })).toBe('{"b":[null,null]}');
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [1n], [() => 1], [undefined]])("%s is refused", (value) => {
    expect(() => canonicalJson(value)).toThrow(RangeError);
  });

  test("the text reads back as the same value, and equal values have equal texts whatever the order of members", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        const text = canonicalJson(plain);
        expect(JSON.parse(text)).toEqual(plain);
        expect(canonicalJson(reverseMembers(plain))).toBe(text);
      }),
    );
  });
});

function reverseMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseMembers);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([key, member]): [string, unknown] => [key, reverseMembers(member)]);
  return Object.fromEntries(members.reverse());
}

test("a JSON object is no list, no null and no primitive", () => {
  expect([{}, { a: 1 }].every(isJsonObject)).toBe(true);
  expect([[], null, undefined, "a", 1, true].some(isJsonObject)).toBe(false);
});

test("the names that reach a prototype are known (S-5)", () => {
  expect(["__proto__", "constructor", "prototype"].every(isPrototypeKey)).toBe(true);
  expect(["proto", "toString", ""].some(isPrototypeKey)).toBe(false);
});
