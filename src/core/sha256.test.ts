import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "./sha256.ts";

const reference = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

test("the digest equals the platform's for any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      expect(sha256(text)).toBe(reference(text));
    }),
  );
});

test("lengths around the block boundaries are padded rightly", () => {
  for (let length = 0; length < 200; length++) expect(sha256("a".repeat(length))).toBe(reference("a".repeat(length)));
});

test("a lone surrogate counts as U+FFFD", () => {
  expect(sha256("a\ud800b")).toBe(reference("a\ufffdb"));
});
