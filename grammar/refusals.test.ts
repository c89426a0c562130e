import { describe, expect, test } from "vitest";
import { refusal } from "../test/support/refusal.ts";
import { EXPRESSION_CHARS_MAX, parseExpression, parseTemplate } from "./parse.ts";
import { printExpression } from "./print.ts";

describe("refusals", () => {
  const refused: readonly (readonly [source: string, code: string, column: number, message: string, fix?: string])[] = [
    ["", "DEF_UNFINISHED", 1, "a value expected"],
    ["a &&", "DEF_UNFINISHED", 5, "a value expected"],
    ["((a", "DEF_UNFINISHED", 4, "an operator or `)` expected"],
    ["a[b", "DEF_UNFINISHED", 4, "an operator, `:` or `]` expected"],
    ["a if b", "DEF_UNFINISHED", 7, "an operator or `else` expected"],
    ["a b", "DEF_EXPRESSION", 3, "An operator expected, but `b` stands here."],
    ["a adn b", "DEF_EXPRESSION", 3, "An operator expected, but `adn`", "Did you mean `and`?"],
    ["a < b < c", "DEF_EXPRESSION", 7, "`<` follows another comparison.", "Join comparisons with AND"],
    ["a == b is defined", "DEF_EXPRESSION", 8, "`is defined` follows another comparison."],
    ["a == not b", "DEF_EXPRESSION", 6, "`not` stands behind an operator that binds tighter.", "parentheses"],
    ["-!a", "DEF_EXPRESSION", 2, "`!` stands behind an operator that binds tighter."],
    ["a is", "DEF_EXPRESSION", 3, "After `is` comes `defined`"],
    ["a is nothing", "DEF_EXPRESSION", 3, "After `is` comes `defined`"],
    ["a = b", "DEF_EXPRESSION", 3, "`=` is not an operator.", "`==`"],
    ["a.b(1)", "DEF_EXPRESSION", 4, "Only filters can be called", "value | filter"],
    ["upper()", "DEF_EXPRESSION", 1, "needs the value to work on"],
    ["upper(x=1)", "DEF_EXPRESSION", 1, "needs the value to work on"],
    ["'abc", "DEF_EXPRESSION", 1, "no closing quote"],
    ['a == "b', "DEF_EXPRESSION", 6, "no closing quote"],
    ["a.0", "DEF_EXPRESSION", 2, "A name must follow the dot.", "a[0]"],
    ["$", "DEF_EXPRESSION", 1, "A name must follow `$`."],
    ["a & b", "DEF_EXPRESSION", 3, "`&` is not an operator.", "&&"],
    ["12abc", "DEF_EXPRESSION", 1, "no number and no name"],
    ["x ? y : z", "DEF_EXPRESSION", 3, "`?` means nothing here"],
    ["1e999", "DEF_EXPRESSION", 1, "too large"],
    ["'\\u{110000}'", "DEF_EXPRESSION", 1, "no character"],
    ["if", "DEF_EXPRESSION", 1, "A value expected, but `if` stands here."],
    ["{a: 1}", "DEF_EXPRESSION", 2, "A key in quotes or `}` expected, but `a` stands here."],
    ["{(1): 2}", "DEF_EXPRESSION", 2, "A key in quotes or `}` expected, but `(` stands here."],
    ["{'a' 1}", "DEF_EXPRESSION", 6, "`:` expected, but `1` stands here."],
    ["[1 2]", "DEF_EXPRESSION", 4, "An operator, `,` or `]` expected"],
    [`a '${"x".repeat(60)}'`, "DEF_EXPRESSION", 3, "…` stands here."],
    ["x | lowr", "DEF_EXPRESSION", 5, "There is no filter `lowr`.", "Did you mean `lower`?"],
    ["x | frobnicate", "DEF_EXPRESSION", 5, "There is no filter `frobnicate`.", "The filters are default, length,"],
    ["x | default(1, 2, 3)", "DEF_EXPRESSION", 5, "takes at most 2 argument(s), not 3"],
    ["x | upper(1)", "DEF_EXPRESSION", 5, "takes no arguments, not 1"],
    ["x | replace('a')", "DEF_EXPRESSION", 5, "needs its parameter `new`"],
    ["x | sort(revers=true)", "DEF_EXPRESSION", 5, "has no parameter `revers`", "Did you mean `reverse`?"],
    ["x | sort(colour=true)", "DEF_EXPRESSION", 5, "has no parameter `colour`"],
    ["x | sort(true, reverse=true)", "DEF_EXPRESSION", 5, "gets its parameter `reverse` twice"],
    ["x | sort(reverse=true, true)", "DEF_EXPRESSION", 5, "without a name behind one with a name"],
    ["x | map", "DEF_EXPRESSION", 5, "needs either the name of a filter or `attribute=`"],
    ["x | map('upper', attribute='n')", "DEF_EXPRESSION", 5, "needs either"],
    ["x matches '(a'", "DEF_EXPRESSION", 11, "The pattern after `matches` cannot be used: a `(` has no `)`."],
  ];
  test.each(refused.map((row) => [row[0], row] as const))("%s", (_, [source, code, column, message, fix]) => {
    const error = refusal(() => parseExpression(source));
    expect(error).toMatchObject({ code, place: { line: 1, column } });
    expect(error.message).toContain(message);
    if (fix !== undefined) expect(error.fix).toContain(fix);
  });

  test.each([
    ["a row of signs", `${"!".repeat(101)}a`, 1, "More than 100 signs"],
    ["nested lists", "[".repeat(102) + "]".repeat(102), 102, "nested more than 100 deep"],
    ["a long sum", Array(200).fill("a").join("+"), 196, "nested more than 100 deep"],
    ["a long source", "a".repeat(EXPRESSION_CHARS_MAX + 1), 1, "at most 8192"],
  ])("%s has an end", (_, source, column, message) => {
    const error = refusal(() => parseExpression(source));
    expect(error).toMatchObject({ code: "DEF_EXPRESSION", place: { line: 1, column } });
    expect(error.message).toContain(message);
  });

  test.each(["constructor", "__proto__", "prototype"])("no path, key or name may be `%s` (S-1, S-5)", (name) => {
    for (const source of [
      name,
      `${name}.a`,
      `a.${name}`,
      `a["${name}"]`,
      `(a).${name}`,
      `$${name}`,
      `{"${name}": 1}`,
      `[{"x": a.b.${name}}]`,
      `a[b.${name}:]`,
      `a[:${name}]`,
    ]) {
      expect(refusal(() => parseExpression(source)).message).toBe(`The name \`${name}\` is not allowed.`);
    }
    expect(refusal(() => parseTemplate(`{% set ${name} = 1 %}`)).message).toContain("is not allowed");
    expect(refusal(() => parseTemplate(`{% for ${name} in [] %}{% endfor %}`)).message).toContain("is not allowed");
  });

  test("the parser goes on unharmed after every refusal", () => {
    for (const [source] of refused) {
      refusal(() => parseExpression(source));
      expect(printExpression(parseExpression("a+b", { line: 1, column: 1 }))).toBe("a + b");
    }
  });
});
