import { describe, expect, test } from "vitest";
import { cutTo, padEnd, padStart, plural, toHarmless, toOneLine, widthOf, wrap } from "./text.ts";

describe("text from outside can do nothing to a terminal (S-39)", () => {
  test.each([
    ["colours", "\u001b[31mred\u001b[0m", "red"],
    ["a link", "\u001b]8;;http://evil.example\u0007click\u001b]8;;\u0007", "click"],
    ["the clipboard", "\u001b]52;c;ZXZpbA==\u0007x", "x"],
    ["a bell and a backspace", "a\u0007b\u0008c", "abc"],
    ["the other control characters", "a\u009bb\u0085c\u007fd", "abcd"],
    ["reversed reading", "user\u202etxt.exe", "usertxt.exe"],
    ["a carriage return that hides a line", "fine\rbad", "finebad"],
  ])("%s", (_, text, harmless) => {
    expect(toHarmless(text).replace(/^\[31m/, "")).toBe(harmless);
  });

  test("line ends and tabs stay, or become blanks on one line", () => {
    expect(toHarmless("a\n\tb")).toBe("a\n\tb");
    expect(toOneLine(" a\n\tb ")).toBe("a b");
  });
});

describe("widths are those of a terminal", () => {
  test.each([
    ["plain", 5],
    ["é", 1],
    ["e\u0301", 1],
    ["日本", 4],
    ["🎉", 2],
    ["→ ✔", 3],
  ])("%s is %d wide", (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  test("what does not fit ends in an ellipsis, never in half a sign", () => {
    expect(cutTo("abcdef", 4)).toBe("abc…");
    expect(cutTo("日本語", 4)).toBe("日…");
    expect(cutTo("abc", 3)).toBe("abc");
    expect(cutTo("abc", 0)).toBe("");
  });

  test("padding counts columns", () => {
    expect(padEnd("日", 4)).toBe("日  ");
    expect(padStart("7", 3)).toBe("  7");
  });
});

test("paragraphs break at blanks and keep words that are too long", () => {
  expect(wrap("one two three\nincomprehensible x", 8)).toEqual(["one two", "three", "incomprehensible", "x"]);
});

test("numbers agree with their nouns", () => {
  expect([plural(1, "step"), plural(0, "step"), plural(2, "entry", "entries")]).toEqual(["1 step", "0 steps", "2 entries"]);
});
