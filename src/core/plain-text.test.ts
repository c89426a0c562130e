import fc from "fast-check";
import { expect, test } from "vitest";
import { shorten, toPlainLine, toPlainText } from "./plain-text.ts";

test.each([
  ["a\u001b[31mb\u0007", "a[31mb"],
  ["one\r\ntwo\tthree", "one\ntwo three"],
  ["evil\u202etxt.exe", "eviltxt.exe"],
  ["half \ud800", "half \ufffd"],
])("%j becomes harmless", (text, expected) => {
  expect(toPlainText(text, 100)).toBe(expected);
});

test("a line has no line ends", () => {
  expect(toPlainLine(" a\n\n b\r\nc ", 100)).toBe("a b c");
});

test("what is too long ends with a sign, and in no half of a character", () => {
  expect(shorten("abc", 3)).toBe("abc");
  expect(shorten("abcd", 3)).toBe("ab…");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(20), (text, max) => {
      const cut = shorten(text.toWellFormed(), max + 1);
      expect(cut.length).toBeLessThanOrEqual(max + 1);
      expect(cut.isWellFormed()).toBe(true);
    }),
  );
});
