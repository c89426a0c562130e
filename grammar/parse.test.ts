import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DefinitionError } from "../src/core/errors.ts";
import { createEntry } from "./entry.ts";
import compiled from "./lang.generated.ts";
import { EXPRESSION_CHARS_MAX, parseExpression, parseTemplate, parseText, TEMPLATE_CHARS_MAX } from "./parse.ts";
import { printExpression, printTemplate, printText } from "./print.ts";

function refusal(run: () => unknown): DefinitionError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof DefinitionError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was refused");
}

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

  test("a grammar that reads a text in two ways is found out", () => {
    const twofold = {
      Lexer: compiled.Lexer,
      ParserRules: [
        ...compiled.ParserRules.filter(({ name }) => name !== "row"),
        { name: "row", symbols: [{ type: "kPath" }] },
        { name: "row", symbols: ["operand"] },
      ],
    };
    const read = createEntry(twofold, "expression", "condition");
    expect(refusal(() => read("a"))).toMatchObject({ code: "DEF_AMBIGUOUS", message: "The expression can be read in 2 ways." });
    expect(refusal(() => read("a", { line: 3, column: 4 })).place).toMatchObject({ line: 3, column: 4 });
  });

  test("an error of a rule's own code passes through", () => {
    const broken = {
      Lexer: compiled.Lexer,
      ParserRules: [{ name: "expression", symbols: [{ type: "kPath" }], postprocess: () => JSON.parse("{") }],
    };
    expect(() => createEntry(broken, "expression", "condition")("a")).toThrow(SyntaxError);
    expect(() => createEntry(broken, "expression", "condition")("a")).not.toThrow(DefinitionError);
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

describe("unambiguity", () => {
  interface Rule {
    readonly name: string;
    readonly symbols: readonly (string | { readonly type: string })[];
  }
  const rules = compiled.ParserRules as readonly Rule[];
  const texts: Readonly<Record<string, readonly string[]>> = {
    kPath: ["a", "input.x", "$s.y", "upper"],
    kLiteral: ["1", "true", "none", "0.5"],
    kString: ['"t"', "'u'"],
    kBinary: ["and", "or", "==", "<", "in", "not in", "??", "~", "+", "-", "*", "%"],
    kTest: ["is defined", "is not none"],
    kUnary: ["not", "-"],
    kCall: ["default(", "length(", "f("],
    kMember: [".m"],
    kIf: ["if"],
    kElse: ["else"],
    kPipe: ["|"],
    kOpen: ["("],
    kClose: [")"],
    kOpenList: ["["],
    kCloseList: ["]"],
    kOpenMap: ["{"],
    kCloseMap: ["}"],
    kComma: [","],
    kColon: [":"],
    kAssign: ["="],
    kRaw: ["| raw"],
    kChars: ["text", "}", "{ "],
    kOpenOutput: ["{{", "{{-"],
    kCloseOutput: ["}}", "-}}"],
    kCloseTag: ["%}", "-%}"],
    kTagIf: ["{% if"],
    kTagElif: ["{% elif"],
    kTagElse: ["{% else"],
    kTagEndif: ["{% endif"],
    kTagFor: ["{% for x in"],
    kTagEndfor: ["{%- endfor"],
    kTagSet: ["{% set y ="],
  };

  /** A sentence of the grammar, chosen by numbers; once they run out, the shortest way to an end. */
  function sentence(start: string, choices: readonly number[]): string {
    const words: string[] = [];
    const todo: (string | { readonly type: string })[] = [start];
    let used = 0;
    for (let symbol = todo.pop(); symbol !== undefined; symbol = todo.pop()) {
      const choice = choices[used++] ?? 0;
      if (typeof symbol !== "string") {
        const options = texts[symbol.type] as readonly string[];
        words.push(options[choice % options.length] as string);
        continue;
      }
      const options = rules.filter(({ name }) => name === symbol);
      const rule = options[used > choices.length ? 0 : choice % options.length] as Rule;
      todo.push(...[...rule.symbols].reverse());
    }
    return words.join(" ");
  }

  test.each([
    ["expression", parseExpression],
    ["text", parseText],
    ["template", parseTemplate],
  ] as const)("every sentence of the entry point %s has at most one tree, and is told why if it has none", (start, parse) => {
    const accepted = { count: 0 };
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { maxLength: 120 }), (choices) => {
        const source = sentence(start, choices);
        try {
          parse(source);
          accepted.count++;
        } catch (thrown) {
          // what the grammar alone admits: chained comparisons, unknown filters, wrong arguments
          expect(thrown).toMatchObject({ code: "DEF_EXPRESSION" });
        }
      }),
      { numRuns: 1_000 },
    );
    expect(accepted.count).toBeGreaterThan(100);
  });

  test("any text is either read or refused with a place, whatever its characters", () => {
    const alphabet = [
      "a",
      "in",
      "not",
      "is",
      " ",
      "\n",
      ".",
      "$",
      "[",
      "]",
      "(",
      ")",
      "{",
      "}",
      "%",
      "#",
      "-",
      "|",
      "&",
      "=",
      "<",
      "'",
      '"',
      "\\",
      "1",
      ",",
      ":",
      "~",
      "?",
      "if",
      "else",
      "for",
      "é",
      "\ud800",
    ];
    const anyText = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.constantFrom(...alphabet), { maxLength: 40 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(anyText, fc.constantFrom(parseExpression, parseText, parseTemplate), (source, parse) => {
        try {
          parse(source);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(DefinitionError);
          expect((thrown as DefinitionError).place?.line).toBeGreaterThan(0);
          expect((thrown as DefinitionError).message).not.toMatch(/nearley|undefined|→/);
        }
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 1_000) },
    );
  });
});
