import { describe, expect, test } from "vitest";
import { parseTemplate, parseText } from "../../grammar/parse.ts";
import { DefinitionError } from "../core/errors.ts";
import { renderTemplate, renderText } from "./render.ts";
import { scopeOf } from "./scope.ts";

const scope = scopeOf({
  input: { n: 5, flag: false, list: [1, { a: null }], map: { a: 1 }, none: null, text: "t", big: "x".repeat(60) },
  steps: { s: { output: { v: [1] } } },
});

function failure(run: () => unknown): DefinitionError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof DefinitionError) return thrown;
    throw thrown;
  }
  throw new Error("nothing failed");
}

describe("text fields", () => {
  test.each<readonly [string, unknown]>([
    ["plain", "plain"],
    ["", ""],
    ["{{ input.n }}", 5],
    ["{{ input.list }}", [1, { a: null }]],
    ["{{ input.none }}", null],
    ["{{ input.flag }}", false],
    ["{{ input.n | raw }}", 5],
    [" {{ input.n }}", " 5"],
    ["{{ input.n }}{{ input.n }}", "55"],
    [
      "n={{ input.n }} f={{ input.flag }} none={{ input.none }} l={{ input.list }} m={{ input.map }} t={{ input.text }}",
      'n=5 f=false none= l=[1,{"a":null}] m={"a":1} t=t',
    ],
    ["{{ $s.v[0] + 1 }}", 2],
    ["{{ input.nope ?? 'x' }}!", "x!"],
    ["{{- input.n -}}", 5],
  ])("%j", (source, expected) => {
    expect(renderText(parseText(source), scope)).toEqual(expected);
  });

  test("conditions in them are strict", () => {
    expect(failure(() => renderText(parseText("{{ 1 if input.n else 2 }}"), scope)).code).toBe("EXPR_TYPE");
    expect(failure(() => renderText(parseText("{{ input.n or 2 }}"), scope)).code).toBe("EXPR_TYPE");
  });

  test("have a longest length", () => {
    const limits = { fuel: 1_000, textChars: 100 };
    expect(failure(() => renderText(parseText("{{ input.big }}{{ input.big }}"), scope, limits)).message).toContain("120 characters");
  });
});

describe("templates", () => {
  test.each<readonly [string, string]>([
    ["{% for x in input.list %}{{ loop.previtem ?? 'start' }}|{{ loop.nextitem ?? 'end' }};{% endfor %}", 'start|{"a":null};1|end;'],
    ["{% for x in [1, 2] %}{{ loop.depth }}{{ loop.depth0 }}{% endfor %}", "1010"],
    ["{% for x in [[1], []] if x %}{{ x }}{% endfor %}", "[1]"],
    ["{{ input.n and input.text or 'no' }} {{ not input.map }} {{ 1 if input.list else 2 }}", "t false 1"],
    ["{% for item in [1] %}{% set y = item %}{{ y }}{% endfor %}{{ y ?? 'gone' }}", "1gone"],
    ["{% for k in input.map %}{{ k }}{% endfor %}{% for c in 'a😀' %}<{{ c }}>{% endfor %}", "a<a><😀>"],
    ["{% for x in [] %}{{ x }}{% endfor %}", ""],
    ["{% if input.none %}a{% elif input.flag %}b{% endif %}", ""],
    ["{{ input.nope | default('d') }}{{ input.none | default('d', 'yes') }}", "dd"],
  ])("%s", (source, expected) => {
    expect(renderTemplate(parseTemplate(source), scope)).toBe(expected);
  });

  test("what expressions give can be escaped, what the author wrote never is", () => {
    const brackets = (text: string): string => `[${text}]`;
    const tree = parseTemplate("<b>{{ input.text }}</b>{% for x in [1] %}{{ x }}{% endfor %}");
    expect(renderTemplate(tree, scope, undefined, brackets)).toBe("<b>[t]</b>[1]");
  });

  test("a loop's names end with it, also after an error inside", () => {
    const source = "{% for x in [1] if x.y > 1 %}{% endfor %}";
    expect(failure(() => renderTemplate(parseTemplate(source), scope)).message).toBe("`x` is a number and has no `y`.");
  });

  test.each([
    ["{% for x in input.n %}{% endfor %}", "EXPR_TYPE", "A loop goes through a list, a map or a text, not a number."],
    ["{% for x in [1] %}{{ loop.previtem }}{% endfor %}", "EXPR_MISSING", "`loop` has no `previtem`."],
    ["{{ loop.index }}", "EXPR_MISSING", "There is no `loop`."],
    ["{{ input.nope }}", "EXPR_MISSING", "`input` has no `nope`."],
  ])("%s fails", (source, code, message) => {
    expect(failure(() => renderTemplate(parseTemplate(source), scope))).toMatchObject({ code, message });
  });

  test("loops with an empty body stop at the limit of work (S-3)", () => {
    const nested = "{% for a in l %}{% for b in l %}{% for c in l %}{% endfor %}{% endfor %}{% endfor %}";
    const l = Array.from({ length: 1_000 }, () => 0);
    expect(failure(() => renderTemplate(parseTemplate(nested), scopeOf({ l }))).message).toBe(
      "The evaluation takes more than 10000000 steps.",
    );
  });

  test("the text has a longest length", () => {
    const limits = { fuel: 1_000_000, textChars: 500 };
    const error = failure(() => renderTemplate(parseTemplate("{% for a in 'xxxxxxxxxx' %}{{ input.big }}{% endfor %}"), scope, limits));
    expect(error).toMatchObject({ code: "EXPR_LIMIT", message: "A text of 540 characters is longer than the 500 allowed." });
  });
});
