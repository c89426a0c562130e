import { describe, expect, test } from "vitest";
import { refusal } from "../test/support/refusal.ts";
import { parseExpression, parseTemplate, parseText, TEMPLATE_CHARS_MAX } from "./parse.ts";
import { printExpression, printTemplate, printText } from "./print.ts";

describe("expressions", () => {
  const canonical: readonly (readonly [source: string, printed: string])[] = [
    // literals
    ["12", "12"],
    ["0.5e-3", "0.0005"],
    ["-0", "0"],
    ["- 3", "-3"],
    ["1E400 > 1".replace("1E400", "1e300"), "1e+300 > 1"],
    ["'it''s'".replace("''", "\\'"), '"it\'s"'],
    ['"a\\"b\\\\\\n\\t\\r\\b\\f\\/\\u00e9\\u{1F600}\\x41\\q"', '"a\\"b\\\\\\n\\t\\r\\b\\f/é😀A\\\\q"'],
    ["[true, False, null, none, None, True,]", "[true, false, null, null, null, true]"],
    ["[]", "[]"],
    ["{}", "{}"],
    ["{'a': 1, \"b c\": {'d': 2},}", '{"a": 1, "b c": {"d": 2}}'],
    // paths
    ['a.b[0]["k"][-1]["x y"]', 'a.b[0].k[-1]["x y"]'],
    ["a . b".replace(" . ", "."), "a.b"],
    ["item.in.not.if", "item.in.not.if"],
    ["a[b.c][1 + 2]", "a[b.c][1 + 2]"],
    ["a[1:] ~ a[:2] ~ a[1:2] ~ a[:]", "a[1:] ~ a[:2] ~ a[1:2] ~ a[:]"],
    ["(a ?? b).c[0]", "(a ?? b).c[0]"],
    ["[1,2][0]", "[1, 2][0]"],
    ["$input.load", "input.load"],
    ["$step1.sbc", "steps.step1.output.sbc"],
    ["$step1", "steps.step1.output"],
    ["$steps.x.status", "steps.x.status"],
    // operators, loosest first
    ["a if b else c if d else e", "a if b else c if d else e"],
    ["(a if b else c) if d else e", "(a if b else c) if d else e"],
    ["a or b OR c || d", "a OR b OR c OR d"],
    ["(a or b) or c", "(a OR b) OR c"],
    ["a and b AND c && d", "a AND b AND c AND d"],
    ["a or b and c or d", "a OR b AND c OR d"],
    ["(a or b) and (c or d)", "(a OR b) AND (c OR d)"],
    ["not a == b", "NOT a == b"],
    ["!a && nOt not b", "NOT a AND NOT NOT b"],
    ["not (a and b)", "NOT (a AND b)"],
    ["a==b or a!=b or a<b or a<=b or a>b or a>=b", "a == b OR a != b OR a < b OR a <= b OR a > b OR a >= b"],
    ["a In b and a not\n in b", "a IN b AND a NOT IN b"],
    ["a matches '^x+$'", 'a matches "^x+$"'],
    ["a is defined and b is not\tdefined", "a is defined AND b is not defined"],
    ["a is none or b is not none", "a is none OR b is not none"],
    ["a ?? b ?? c == d", "a ?? b ?? c == d"],
    ["(a ?? b) ?? c", "(a ?? b) ?? c"],
    ["a ~ b ~ c + 1", "a ~ b ~ c + 1"],
    ["a ~ (b ~ c)", "a ~ (b ~ c)"],
    ["(a ~ b) + 1", "(a ~ b) + 1"],
    ["1 - 2 - 3 + 4", "1 - 2 - 3 + 4"],
    ["1 - (2 - 3)", "1 - (2 - 3)"],
    ["1 + 2 * 3 / 4 % 5", "1 + 2 * 3 / 4 % 5"],
    ["(1 + 2) * 3", "(1 + 2) * 3"],
    ["a -1", "a - 1"],
    ["a - -1", "a - -1"],
    ["--a", "--a"],
    ["-(3)", "-(3)"],
    ["-(3 | abs)", "-(3 | abs)"],
    ["-3 | abs", "-3 | abs"],
    ["-a | abs", "-a | abs"],
    ["(-a) | abs", "(-a) | abs"],
    ["-a * b", "-a * b"],
    ["(a is defined) == true", "(a is defined) == true"],
    // filters
    ["a | trim | upper", "a | trim | upper"],
    ["upper(trim(a))", "a | trim | upper"],
    ["default (a, 1)", "a | default(1)"],
    ["default(a, 1, boolean=true)", "a | default(1, boolean=true)"],
    ["a ~ b | upper", "a ~ b | upper"],
    ["(a ~ b) | upper", "(a ~ b) | upper"],
    ["xs | map(attribute='n') | join(', ')", 'xs | map(attribute="n") | join(", ")'],
    ["length(xs) > 3", "xs | length > 3"],
  ];
  test.each(canonical)("%s is read as %s", (source, printed) => {
    expect(printExpression(parseExpression(source))).toBe(printed);
    expect(printExpression(parseExpression(printed))).toBe(printed);
  });

  test("nodes know where they begin", () => {
    const tree = parseExpression("a AND\n  b.c > 1");
    expect(tree).toMatchObject({
      kind: "logic",
      at: { offset: 0, line: 1, column: 1 },
      operands: [
        { at: { offset: 0 } },
        { kind: "compare", at: { offset: 12, line: 2, column: 7 }, left: { at: { offset: 8, line: 2, column: 3 } } },
      ],
    });
  });

  test("an origin moves places into the document, an indent those of later lines", () => {
    const tree = parseExpression("a AND\nb", { line: 7, column: 13, offset: 100, indent: 4 });
    expect(tree).toMatchObject({ operands: [{ at: { offset: 100, line: 7, column: 13 } }, { at: { offset: 106, line: 8, column: 5 } }] });
    const moved = refusal(() => parseExpression("a +", { file: "w.yaml", line: 7, column: 13 }));
    expect(moved.place).toEqual({ file: "w.yaml", line: 7, column: 16, length: 1 });
    const unknown = refusal(() => parseExpression("a | uper", { file: "w.yaml", line: 7, column: 13 }));
    expect(unknown).toMatchObject({ place: { file: "w.yaml", line: 7, column: 17, length: 4 }, fix: "Did you mean `upper`?" });
    expect(refusal(() => parseExpression("", { line: 7, column: 13 })).place).toMatchObject({ file: "expression", line: 7, column: 13 });
  });

  test("equal sources share one tree", () => {
    expect(parseExpression("input.a == 1")).toBe(parseExpression("input.a == 1"));
    expect(parseExpression("input.a == 1", { line: 2, column: 2 })).not.toBe(parseExpression("input.a == 1"));
  });
});

describe("text fields", () => {
  test.each([
    ["plain", "plain"],
    ["", ""],
    ["a {{x}} b", "a {{ x }} b"],
    ["{{ x | raw }}", "{{ x | raw }}"],
    ["a {{- x -}} b", "a{{ x }}b"],
    [" {{- x -}} ", "{{ x }}"],
    ["{{-1}}", "{{ 1 }}"],
    ["{{ {'a': {'b': 1}}}}", '{{ {"a": {"b": 1}} }}'],
    ["{% if %} $ {#a[@]} {# }} }", "{% if %} $ {#a[@]} {# }} }"],
    ["{ {{- x }}", "{ {{- x }}"],
    ["{{ '}}' }}", '{{ "}}" }}'],
    ["two\n{{ x }}\nlines", "two\n{{ x }}\nlines"],
  ])("%j is read as %j", (source, printed) => {
    expect(printText(parseText(source))).toBe(printed);
    expect(printText(parseText(printed))).toBe(printed);
  });

  test.each([
    ["a {{ x", "DEF_UNFINISHED", 1, 7, "an operator or `}}` expected"],
    ["a\n {{ x %}", "DEF_EXPRESSION", 2, 7, "An operator or `}}` expected, but `%}`"],
    ["{{ }}", "DEF_EXPRESSION", 1, 4, "A value expected, but `}}` stands here."],
    ["{{ (x | raw }}", "DEF_EXPRESSION", 1, 7, "`raw` can only be the last filter of an output."],
    ["{{ x | uper }}", "DEF_EXPRESSION", 1, 8, "There is no filter `uper`."],
  ])("%j is refused", (source, code, line, column, message) => {
    const error = refusal(() => parseText(source));
    expect(error).toMatchObject({ code, place: { line, column } });
    expect(error.message).toContain(message);
  });
});

test("a text field has a longest length", () => {
  expect(refusal(() => parseText("x".repeat(TEMPLATE_CHARS_MAX + 1))).message).toContain("at most 262144");
});

describe("templates", () => {
  test.each([
    ["{% if a %}1{% elif b -%} 2 {% else %}3{% endif %}", "{% if a %}1{% elif b %}2 {% else %}3{% endif %}"],
    ["{%for x in xs if x.ok%}{{x}}{%else%}none{%endfor%}", "{% for x in xs if x.ok %}{{ x }}{% else %}none{% endfor %}"],
    ["{% for x in (a if b else c) %}{% endfor %}", "{% for x in (a if b else c) %}{% endfor %}"],
    ["{% set y = 1 == 2 %}", "{% set y = 1 == 2 %}"],
    ["a{# {{ x }} #}b", "ab"],
    ["a {#- x -#} b", "ab"],
    ["{#- x -#}", ""],
    ["a {%- raw -%} {{ x }} {%- endraw -%} b", "a{% raw %}{{% endraw %}{ x }}b"],
    ["{% raw %}{% endraw %}", ""],
    ["{% raw %}{%{% endraw %}", "{% raw %}{{% endraw %}%"],
    [
      "{ {%- if a %}{ {%- endif %}{ {%- set b = 1 %}{ {%- for x in y %}{% endfor %}",
      "{ {%- if a %}{ {%- endif %}{ {%- set b = 1 %}{ {%- for x in y %}{% endfor %}",
    ],
    ["line\r\nline\r", "line\nline"],
    ["x\n\n", "x\n\n"],
  ])("%j is read as %j", (source, printed) => {
    expect(printTemplate(parseTemplate(source))).toBe(printed);
    expect(printTemplate(parseTemplate(printed))).toBe(printed);
  });

  test("one newline at the end goes, unless it is asked for", () => {
    expect(parseTemplate("a\n").parts).toMatchObject([{ text: "a" }]);
    expect(parseTemplate("a\n", undefined, { keepTrailingNewline: true }).parts).toMatchObject([{ text: "a\n" }]);
  });

  test.each([
    ["{% iff a %}", "DEF_EXPRESSION", 1, "There is no tag `{% iff %}`.", "Did you mean `if`?"],
    ["{% include 'x' %}", "DEF_EXPRESSION", 1, "There is no tag `{% include %}`.", "The tags are if, elif,"],
    ["{% %}", "DEF_EXPRESSION", 1, "A tag begins with its name.", "The tags are"],
    ["{% for in x %}", "DEF_EXPRESSION", 1, "A loop is written `{% for name in list %}`.", undefined],
    ["{% set x %}", "DEF_EXPRESSION", 1, "An assignment is written", undefined],
    ["{% raw %}", "DEF_EXPRESSION", 1, "The raw block that begins here has no end.", "{% endraw %}"],
    ["{#", "DEF_EXPRESSION", 1, "The comment that begins here has no end.", "#}"],
    ["{% if a %}", "DEF_UNFINISHED", 11, "`{% endif %}` expected", undefined],
    ["{% endif %}", "DEF_EXPRESSION", 1, "The end expected, but `{% endif` stands here.", undefined],
    ["{% if a %}{% endfor %}", "DEF_EXPRESSION", 11, "`{% endif %}` expected, but `{% endfor`", undefined],
  ])("%j is refused", (source, code, column, message, fix) => {
    const error = refusal(() => parseTemplate(source));
    expect(error).toMatchObject({ code, place: { line: 1, column } });
    expect(error.message).toContain(message);
    if (fix !== undefined) expect(error.fix).toContain(fix);
  });
});

test("blocks have a deepest nesting", () => {
  const error = refusal(() => parseTemplate(`${"{% if a %}".repeat(102)}${"{% endif %}".repeat(102)}`));
  expect(error).toMatchObject({ place: { column: 1011 }, message: "Blocks are nested more than 100 deep." });
});
