import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Expression, Key, Template, TemplatePart, Text, TextPart } from "./ast.ts";
import { parseExpression, parseTemplate, parseText } from "./parse.ts";
import { printExpression, printTemplate, printText } from "./print.ts";

const at = { offset: 0, line: 1, column: 1 };

/** A tree without its places. */
function shape(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value) => (key === "at" ? undefined : value)));
}

const word = fc.constantFrom("a", "b_1", "input", "item", "steps", "loop", "Not1", "iff", "definedX");
const safeText = fc
  .oneof(fc.string({ unit: "binary", maxLength: 8 }), fc.constantFrom("}}", "{%", "'", '"', "\\", "\n", "\u2028", "|raw"))
  .filter((text) => !["constructor", "__proto__", "prototype"].includes(text));
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((value) => (value === 0 ? 0 : value));
const literal = fc.oneof(safeText, number, fc.boolean(), fc.constant(null)).map((value): Expression => ({ kind: "literal", at, value }));

const { expression } = fc.letrec<{ expression: Expression; key: Key }>((tie) => {
  const sub = tie("expression");
  const subs = fc.array(sub, { maxLength: 3 });
  const key: fc.Arbitrary<Key> = fc.oneof(
    safeText,
    number,
    sub.filter((node) => node.kind !== "literal" || (typeof node.value !== "string" && typeof node.value !== "number")),
    fc.tuple(fc.option(sub), fc.option(sub)).map(([from, to]): Key => ({ kind: "slice", from, to })),
  );
  const filters = fc.oneof(
    fc.constantFrom("length", "upper", "json", "abs").map((name) => ({ name, args: [], named: [] })),
    fc.tuple(sub, sub).map(([old, next]) => ({ name: "replace", args: [old], named: [{ name: "new", value: next }] })),
    fc.tuple(sub, sub).map(([value, boolean]) => ({ name: "default", args: [value, boolean], named: [] })),
    sub.map((value) => ({ name: "map", args: [], named: [{ name: "attribute", value }] })),
    subs.filter((list) => list.length > 0).map((args) => ({ name: "map", args, named: [] })),
  );
  return {
    key,
    expression: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      literal,
      fc.tuple(word, fc.array(key, { maxLength: 3 })).map(([root, keys]): Expression => ({ kind: "path", at, root, keys })),
      subs.map((items): Expression => ({ kind: "list", at, items })),
      fc.array(fc.record({ key: safeText, value: sub }), { maxLength: 3 }).map((entries): Expression => ({ kind: "map", at, entries })),
      fc
        .tuple(
          sub.filter(({ kind }) => kind !== "path" && kind !== "member"),
          fc.array(key, { minLength: 1, maxLength: 2 }),
        )
        .map(([target, keys]): Expression => ({ kind: "member", at, target, keys })),
      fc
        .tuple(fc.constantFrom("and", "or"), fc.array(sub, { minLength: 2, maxLength: 4 }))
        .map(([operator, operands]): Expression => ({ kind: "logic", at, operator, operands })),
      sub.map((operand): Expression => ({ kind: "not", at, operand })),
      sub.map((operand): Expression => ({ kind: "negate", at, operand })),
      fc
        .tuple(sub, fc.constantFrom("defined", "none"), fc.boolean())
        .map(([operand, test, negated]): Expression => ({ kind: "test", at, test, negated, operand })),
      fc
        .tuple(fc.constantFrom("==", "!=", "<", "<=", ">", ">=", "in", "not in"), sub, sub)
        .map(([operator, left, right]): Expression => ({ kind: "compare", at, operator, left, right })),
      fc
        .tuple(sub, fc.constantFrom("^a+$", "\\d\\\\", "x|y"))
        .map(([left, value]): Expression => ({ kind: "compare", at, operator: "matches", left, right: { kind: "literal", at, value } })),
      fc.tuple(sub, sub).map(([left, right]): Expression => ({ kind: "coalesce", at, left, right })),
      fc.tuple(sub, sub).map(([left, right]): Expression => ({ kind: "concat", at, left, right })),
      fc
        .tuple(fc.constantFrom("+", "-", "*", "/", "%"), sub, sub)
        .map(([operator, left, right]): Expression => ({ kind: "arithmetic", at, operator, left, right })),
      fc.tuple(sub, filters).map(([target, filter]): Expression => ({ kind: "filter", at, target, ...filter })),
      fc.tuple(sub, sub, sub).map(([condition, then, otherwise]): Expression => ({ kind: "choice", at, condition, then, otherwise })),
    ),
  };
});

/** Characters, with those that could be taken for tags. No carriage return: parsing a template turns it into a newline. */
const chars = fc
  .array(fc.constantFrom("a", " ", "\n", "{", "}", "%", "#", "-", "{{", "{%", "{#", "raw", "endraw", "%}", "é"), {
    minLength: 1,
    maxLength: 8,
  })
  .map((parts) => parts.join(""));

/** Neighbouring characters are one part. */
function separated<TPart extends TemplatePart>(parts: readonly TPart[]): TPart[] {
  return parts.filter((part, index) => part.kind !== "chars" || parts[index - 1]?.kind !== "chars");
}

const output = fc.record({ kind: fc.constant("output" as const), at: fc.constant(at), expression, raw: fc.boolean() });
const charsPart = (text: fc.Arbitrary<string>) => text.map((value): TextPart => ({ kind: "chars", at, text: value }));
const text = fc
  .array(fc.oneof(output, charsPart(chars.filter((value) => !value.includes("{{")))), { maxLength: 5 })
  .map((parts): Text => ({ kind: "text", parts: separated(parts) }));

const { parts } = fc.letrec<{ parts: TemplatePart[]; part: TemplatePart }>((tie) => ({
  parts: fc.array(tie("part"), { maxLength: 4 }).map(separated),
  part: fc.oneof(
    { maxDepth: 3 },
    charsPart(chars),
    output,
    fc.record({ kind: fc.constant("set" as const), at: fc.constant(at), name: word, value: expression }),
    fc.record({
      kind: fc.constant("if" as const),
      at: fc.constant(at),
      branches: fc.array(fc.record({ condition: expression, body: tie("parts") }), { minLength: 1, maxLength: 3 }),
      otherwise: tie("parts"),
    }),
    fc.record({
      kind: fc.constant("for" as const),
      at: fc.constant(at),
      name: word,
      list: expression,
      condition: fc.option(expression),
      body: tie("parts"),
      otherwise: tie("parts"),
    }),
  ),
}));

describe("printing and parsing again gives the same tree", () => {
  test.each(["(null).a", "(true).a.b", "(false)['x y']", "(null | default(1)).a"])("for %s", (source) => {
    const tree = parseExpression(source);
    expect(shape(parseExpression(printExpression(tree)))).toEqual(shape(tree));
  });

  test("for every expression", () => {
    fc.assert(
      fc.property(expression, (tree) => {
        expect(shape(parseExpression(printExpression(tree)))).toEqual(shape(tree));
      }),
      { numRuns: 2_000 },
    );
  });

  test("for every text field", () => {
    fc.assert(
      fc.property(text, (tree) => {
        expect(shape(parseText(printText(tree)))).toEqual(shape(tree));
      }),
      { numRuns: 500 },
    );
  });

  test("for every template", () => {
    fc.assert(
      fc.property(parts, (list) => {
        const tree: Template = { kind: "template", parts: list };
        expect(shape(parseTemplate(printTemplate(tree)))).toEqual(shape(tree));
      }),
      { numRuns: 300 },
    );
  });
});
