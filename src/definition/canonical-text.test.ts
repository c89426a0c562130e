import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, type Json } from "../core/json.ts";
import { canonicalText } from "./canonical-text.ts";
import { toNode } from "./source-node.ts";

test("the text from nodes is the text from data", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.string({ unit: "binary" }), (value, text) => {
      const data = { [text]: text, value } as Json;
      expect(canonicalText(toNode(data))).toBe(canonicalJson(data));
    }),
  );
});

test("a number that JSON lacks is refused", () => {
  expect(() => canonicalText(toNode(Number.POSITIVE_INFINITY))).toThrow(RangeError);
});
