import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filterSignatures, signatureOf } from "../../../grammar/filters.ts";
import { parseExpression } from "../../../grammar/parse.ts";
import { DefinitionError } from "../../core/errors.ts";
import { evaluate } from "../evaluate.ts";
import { scopeOf } from "../scope.ts";
import { parseIsoMs } from "./date.ts";
import { sha256Hex } from "./sha256.ts";

const people = [
  { name: "ann", age: 30, admin: true, tags: ["x"], nil: null },
  { name: "Bob", age: 25, admin: false, tags: [] },
];
const scope = scopeOf({ people, xs: [3, 1, 2], m: { a: 1, b: 2 }, text: "Ann", none_: null });

function value(source: string, around = scope): unknown {
  return evaluate(parseExpression(source), around);
}

function failure(source: string): DefinitionError {
  try {
    value(source);
  } catch (thrown) {
    if (thrown instanceof DefinitionError) return thrown;
    throw thrown;
  }
  throw new Error(`nothing failed: ${source}`);
}

describe("what filters answer", () => {
  test.each<readonly [string, unknown]>([
    ["length('a😀') + length(xs) + length(m)", 7],
    ["lower('ÄB') ~ upper('straße') ~ upper(true) ~ lower(1.5)", "äbSTRASSETRUE1.5"],
    ["'  a '|trim ~ '|' ~ trim('xaxx', 'x') ~ trim('abc', 'cba') ~ trim(' y ', none)", "a|ay"],
    ["' a  b\tc ' | split", ["a", "b", "c"]],
    ["'' | split", []],
    ["' a  b c' | split(none, 1)", ["a", "b c"]],
    ["'a b' | split(maxsplit=5)", ["a", "b"]],
    ["'a b' | split(maxsplit=0)", ["a b"]],
    ["'a,b,,c' | split(',')", ["a", "b", "", "c"]],
    ["'a,b,,c' | split(',', 2)", ["a", "b", ",c"]],
    ["'a,b' | split(',', 5)", ["a", "b"]],
    ["[1, none, 'x', [2]] | join('-')", "1--x-[2]"],
    ["xs | join", "312"],
    ["people | join('/', 'name')", "ann/Bob"],
    ["'abc' | join('.')", "a.b.c"],
    ["m | join", "ab"],
    [
      "'aXaX' | replace('aX', 'b') ~ replace('aaa', 'a', 'b', 2) ~ replace('aaa', 'a', '', -1) ~ replace('aa', 'a', 'b', none) ~ replace('ab', 'x', 'y', 0)",
      "bbbbabbab",
    ],
    ["'ab' | replace('', '-')", "-a-b-"],
    ["'ab' | replace('', '-', 2)", "-a-b"],
    ["m | json", '{"a":1,"b":2}'],
    ["[1] | json(2)", "[\n  1\n]"],
    ["'{\"a\": [1, null]}' | fromjson", { a: [1, null] }],
    ["m | keys", ["a", "b"]],
    ["m | values", [1, 2]],
    ["['a', 'b'] | map('upper')", ["A", "B"]],
    ["['a-b', 'c'] | map('replace', '-', '+')", ["a+b", "c"]],
    ["people | map(attribute='name')", ["ann", "Bob"]],
    ["people | map(attribute='tags.0', default='?')", ["x", "?"]],
    ["[[1, 2], [3, 4]] | map(attribute=1)", [2, 4]],
    ["[{'0': 'zero'}] | map(attribute='0')", ["zero"]],
    ["people | selectattr('admin') | map(attribute='name')", ["ann"]],
    ["people | rejectattr('admin') | map(attribute='name')", ["Bob"]],
    ["people | selectattr('nope')", []],
    ["[3, 1, 2] | first ~ xs | last ~ first('é') ~ last('ab') ~ first(m) ~ last(m)", "32ébab"],
    ["['a', 'A', 1, '1', none, [1], [1]] | unique", ["a", 1, "1", null, [1]]],
    ["['a', 'A', 'a'] | unique(case_sensitive=true)", ["a", "A"]],
    ["people | unique(attribute='admin') | length", 2],
    ["xs | sort", [1, 2, 3]],
    ["xs | sort(reverse=true)", [3, 2, 1]],
    ["['b', 'A', 'c'] | sort", ["A", "b", "c"]],
    ["['b', 'A', 'c'] | sort(case_sensitive=true)", ["A", "b", "c"]],
    ["['b', 'B', 'a'] | sort(false, true)", ["B", "a", "b"]],
    ["people | sort(attribute='age') | map(attribute='name')", ["Bob", "ann"]],
    ["m | sort(reverse=true)", ["b", "a"]],
    ["[] | sort", []],
    ["xs | reverse", [2, 1, 3]],
    ["'a😀b' | reverse", "b😀a"],
    ["xs | sum", 6],
    ["people | sum('age')", 55],
    ["[] | sum(start=3)", 3],
    ["(xs | min) ~ (xs | max) ~ (['b', 'A'] | min) ~ (['b', 'A', 'c'] | max(true))", "13Ac"],
    ["(people | max(attribute='age')).name", "ann"],
    ["[2.5, 3.5, -2.5, 0.5, 1.5, 1e20, -0.4] | map('round')", [2, 4, -2, 0, 2, 1e20, 0]],
    ["round(2.675, 2) ~ ' ' ~ round(0.125, 2) ~ ' ' ~ round(0.375, 2) ~ ' ' ~ round(42.55, 1)", "2.67 0.12 0.38 42.5"],
    ["round(1.21, 1, 'ceil') ~ ' ' ~ round(1.29, 1, 'floor') ~ ' ' ~ round(-1.5, method='floor')", "1.3 1.2 -2"],
    ["abs(-2.5)", 2.5],
    [
      "[ '42', ' 7 ', '3.9', '-3.9', 'x', '', true, false, none, 2.9, -2.9, '1_000', '.5', '1e3', '1e999'] | map('int')",
      [42, 7, 3, -3, 0, 0, 1, 0, 0, 2, -2, 1000, 0, 1000, 0],
    ],
    [
      "int('x', 7) ~ int('ff', 0, 16) ~ ' ' ~ int('0x1F', 0, 16) ~ ' ' ~ int('-0b11', 0, 2) ~ ' ' ~ int('9', 5, 8) ~ int('', 6, 16) ~ int('f' ~ 'g', 4, 16)",
      "7255 31 -3 564",
    ],
    ["int('z' , 0, 36) ~ int([], 'none')", "35none"],
    [
      "int('f' | replace('f', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'), 9, 16)",
      9,
    ],
    ["['1.5', 'x', '-.5', true, false, none, 3] | map('float')", [1.5, 0, -0.5, 1, 0, 0, 3]],
    ["float('x', 'none')", "none"],
    ["string(5) ~ string([1]) ~ string(none) ~ string('a')", "5[1]a"],
    [
      "[1, 2, 3, 4, 5] | slice(2)",
      [
        [1, 2, 3],
        [4, 5],
      ],
    ],
    [
      "[1, 2, 3, 4, 5] | slice(3, 'x')",
      [
        [1, 2],
        [3, 4],
        [5, "x"],
      ],
    ],
    ["'abc' | slice(2, none)", [["a", "b"], ["c"]]],
    ["'abc' | sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["duration('1h30m') ~ ' ' ~ duration(90000)", "5400000 1 m 30 s"],
    ["quote('a b') ~ quote('plain-1.txt') ~ quote('') ~ quote(\"it's\") ~ quote(5)", "'a b'plain-1.txt'''it'\\''s'5"],
    ["date('2026-11-21')", "2026-11-21T00:00:00Z"],
    ["date('2026-11-21 09:30')", "2026-11-21T09:30:00Z"],
    ["date('2026-11-21T09:30:05.123456+02:30', '%F %T.%L %f')", "2026-11-21 07:00:05.123 123000"],
    ["date('2026-11-21T23:00:00-0130')", "2026-11-22T00:30:00Z"],
    ["date(0, '%A %a %B %b %d %e %j %y %u %w %I %p %s %z %Z %%')", "Thursday Thu January Jan 01  1 001 70 4 4 12 AM 0 +0000 UTC %"],
    ["date('2024-02-29T13:00:00Z', '%j %I%p %u')", "060 01PM 4"],
    ["date('2026-11-22', '%u %w')", "7 0"],
    ["date(-1, '%F %T.%L %w')", "1969-12-31 23:59:59.999 3"],
    ["date(1.9, '%L')", "001"],
  ])("%s", (source, expected) => {
    expect(value(source)).toEqual(expected);
  });
});

describe("tests of selectattr", () => {
  const items = [
    { k: 1, s: "a", l: [1], t: true, n: null, m: {} },
    { k: 2, s: "b", l: [], t: false },
  ];
  const around = scopeOf({ items });
  const chosen = (args: string): unknown => value(`items | selectattr(${args}) | map(attribute='k')`, around);
  test.each([
    ["'k', 'eq', 1", [1]],
    ["'k', 'equalto', 2", [2]],
    ["'k', '==', 1", [1]],
    ["'k', 'ne', 1", [2]],
    ["'k', '!=', 1", [2]],
    ["'n', '!=', none", [2]],
    ["'k', 'lt', 2", [1]],
    ["'k', 'lessthan', 2", [1]],
    ["'k', '<', 2", [1]],
    ["'k', 'le', 1", [1]],
    ["'k', '<=', 1", [1]],
    ["'k', 'gt', 1", [2]],
    ["'k', 'greaterthan', 1", [2]],
    ["'k', '>', 1", [2]],
    ["'k', 'ge', 2", [2]],
    ["'k', '>=', 2", [2]],
    ["'k', 'in', [2, 3]", [2]],
    ["'s', 'in', 'bcd'", [2]],
    ["'n', 'defined'", [1]],
    ["'n', 'undefined'", [2]],
    ["'n', 'none'", [1]],
    ["'t', 'true'", [1]],
    ["'t', 'false'", [2]],
    ["'t', 'boolean'", [1, 2]],
    ["'k', 'number'", [1, 2]],
    ["'s', 'string'", [1, 2]],
    ["'m', 'mapping'", [1]],
    ["'l', 'sequence'", [1, 2]],
    ["'s', 'sequence'", [1, 2]],
    ["'k', 'sequence'", []],
    ["'l'", [1]],
  ])("%s", (args, expected) => {
    expect(chosen(args)).toEqual(expected);
  });

  test.each([
    ["'k', 'equals', 1", "EXPR_ARGUMENT", "knows no test `equals`"],
    ["'k', 'frobnicates', 1", "EXPR_ARGUMENT", "knows no test `frobnicates`"],
    ["'k', 'eq'", "EXPR_ARGUMENT", "needs a value for its test `eq`"],
    ["'k', 5, 5", "EXPR_TYPE", "needs a text as `test`, not a number"],
    ["5.5, 'gt', 1", "EXPR_MISSING", "an attribute that one of the items does not have"],
    ["'n', 'gt', 1", "EXPR_TYPE", "cannot compare none with a number"],
    ["'k', 'in', 5", "EXPR_TYPE", "looks for a number in a number"],
    ["'nope', 'in', 'abc'", "EXPR_TYPE", "looks for a missing value in a text"],
  ])("%s is refused", (args, code, message) => {
    const run = (): unknown => chosen(args);
    expect(run).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});

describe("what filters refuse", () => {
  test.each<readonly [string, string, string]>([
    ["length(5)", "EXPR_TYPE", "`length` counts a text, a list or a map, not a number."],
    ["lower([])", "EXPR_TYPE", "`lower` works on a text, not on a list."],
    ["upper(none_)", "EXPR_TYPE", "`upper` works on a text, not on none."],
    ["trim('a', 5)", "EXPR_TYPE", "needs a text as `chars`, not a number"],
    ["split('a', '')", "EXPR_ARGUMENT", "needs a separator that is not empty"],
    ["split('a', 'b', 'c')", "EXPR_TYPE", "needs a whole number as `maxsplit`, not a text"],
    ["split('a', 'b', 1.5)", "EXPR_TYPE", "needs a whole number as `maxsplit`, not 1.5"],
    ["join(5)", "EXPR_TYPE", "`join` works on a list, not on a number."],
    ["join(people, ',', 'nope')", "EXPR_MISSING", "finds no `nope` in one of the items"],
    ["json(1, 11)", "EXPR_ARGUMENT", "indents by 0 to 10 blanks, not 11"],
    ["json(1, -1)", "EXPR_ARGUMENT", "not -1"],
    ["fromjson('{')", "EXPR_ARGUMENT", "no JSON"],
    ["fromjson('[-1e999]')", "EXPR_ARGUMENT", "too large"],
    ["fromjson(5)", "EXPR_TYPE", "reads a text, not a number"],
    [
      "fromjson('[' | replace('[', '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[') ~ ']' | replace(']', ']]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]'))",
      "EXPR_LIMIT",
      "nested more than 100 deep",
    ],
    ["keys([])", "EXPR_TYPE", "works on a map, not on a list"],
    ["values('a')", "EXPR_TYPE", "works on a map, not on a text"],
    ["map(xs, 'uper')", "EXPR_ARGUMENT", "cannot apply a filter `uper`"],
    ["map(xs, 'zzzzzzzzz')", "EXPR_ARGUMENT", "cannot apply a filter `zzzzzzzzz`"],
    ["map(xs, 'default', 1)", "EXPR_ARGUMENT", "cannot apply a filter `default`"],
    ["map(xs, 'map', 'upper')", "EXPR_ARGUMENT", "cannot apply a filter `map`"],
    ["map(xs, 'replace', 'a')", "EXPR_ARGUMENT", "gives `replace` 1 argument(s)"],
    ["map(xs, 'abs', 'a')", "EXPR_ARGUMENT", "gives `abs` 1 argument(s)"],
    ["map(xs, 5)", "EXPR_TYPE", "needs a text as `filter`, not a number"],
    ["map(people, attribute='nope')", "EXPR_MISSING", "finds no `nope`"],
    ["map(people, attribute=[])", "EXPR_TYPE", "needs a text as `attribute`, not a list"],
    ["first([])", "EXPR_MISSING", "the list is empty"],
    ["last('')", "EXPR_MISSING", "the list is empty"],
    ["min([])", "EXPR_MISSING", "the list is empty"],
    ["first(5)", "EXPR_TYPE", "works on a list"],
    ["unique(xs, 5)", "EXPR_TYPE", "needs true or false as `case_sensitive`, not a number"],
    ["sort([1, 'a'])", "EXPR_TYPE", "cannot order"],
    ["max([1, none])", "EXPR_TYPE", "cannot order"],
    ["sum(['a'])", "EXPR_TYPE", "`sum` works on a number, not on a text."],
    ["sum([1e308, 1e308])", "EXPR_NUMBER", "too large"],
    ["abs('a')", "EXPR_TYPE", "`abs` works on a number, not on a text."],
    ["round(1, 16)", "EXPR_ARGUMENT", "0 to 15 decimals, not to 16"],
    ["round(1, -1)", "EXPR_ARGUMENT", "not to -1"],
    ["round(1, 0, 'up')", "EXPR_ARGUMENT", "`common`, `ceil` or `floor`, not `up`"],
    ["round(1e308, 15, 'ceil')", "EXPR_NUMBER", "too large"],
    ["int('1', 0, 37)", "EXPR_ARGUMENT", "base 2 to 36, not 37"],
    ["int('1', 0, 1)", "EXPR_ARGUMENT", "not 1"],
    ["slice(xs, 0)", "EXPR_ARGUMENT", "1 to 10000 lists, not 0"],
    ["slice(xs, 10001)", "EXPR_ARGUMENT", "not 10001"],
    ["sha256([])", "EXPR_TYPE", "works on a text"],
    ["duration('soon')", "EXPR_ARGUMENT", "no duration"],
    ["duration(-1)", "EXPR_ARGUMENT", "not -1"],
    ["duration([])", "EXPR_TYPE", "not on a list"],
    ["quote('a\\0b')", "EXPR_ARGUMENT", "NUL"],
    ["date('soon')", "EXPR_ARGUMENT", "no time"],
    ["date('2026-02-30')", "EXPR_ARGUMENT", "no time"],
    ["date('2026-13-01')", "EXPR_ARGUMENT", "no time"],
    ["date('2026-01-01T24:00')", "EXPR_ARGUMENT", "no time"],
    ["date('2026-01-01T23:60')", "EXPR_ARGUMENT", "no time"],
    ["date('2026-01-01T23:00:60')", "EXPR_ARGUMENT", "no time"],
    ["date(1e15)", "EXPR_ARGUMENT", "the years 0 to 9999"],
    ["date(-1e15)", "EXPR_ARGUMENT", "the years 0 to 9999"],
    ["date(none_)", "EXPR_TYPE", "not on none"],
    ["date(0, '%Q')", "EXPR_ARGUMENT", "knows no `%Q`"],
    ["date(0, '100%')", "EXPR_ARGUMENT", "knows no `%`"],
    ["date(0, 5)", "EXPR_TYPE", "needs a text as `format`"],
  ])("%s", (source, code, message) => {
    const error = failure(source);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });
});

describe("own arithmetic agrees with the platform's", () => {
  test("SHA-256", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        expect(sha256Hex(text)).toBe(createHash("sha256").update(text, "utf8").digest("hex"));
      }),
      { numRuns: 100 },
    );
    for (const length of [55, 56, 63, 64, 65, 119, 120])
      expect(sha256Hex("a".repeat(length))).toBe(createHash("sha256").update("a".repeat(length)).digest("hex"));
  });

  test("dates", () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (timeMs) => {
        const iso = new Date(timeMs).toISOString();
        expect(value("t | date('%Y-%m-%dT%H:%M:%S.%LZ')", scopeOf({ t: timeMs }))).toBe(iso);
        expect(parseIsoMs(iso)).toBe(timeMs);
        expect(value("t | date('%w')", scopeOf({ t: timeMs }))).toBe(String(new Date(timeMs).getUTCDay()));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("docs/grammar.md", () => {
  const page = readFileSync(new URL("../../../docs/grammar.md", import.meta.url), "utf8");
  const documented = [...page.matchAll(/^\| `(\w+)(?:\(([^)]*)\))?` \| (.*) \|$/gm)];

  test("lists exactly the filters that exist, with their parameters and meaning", () => {
    const expected = Object.keys(filterSignatures).map((name) => {
      const signature = signatureOf(name);
      const parameters = (signature?.parameters ?? []).map((parameter) => parameter.name + (parameter.required ? "" : "?"));
      return [name, (signature?.variadic ? ["filter?", "…", ...parameters] : parameters).join(", "), signature?.doc];
    });
    expect(documented.map(([, name, parameters = "", doc]) => [name, parameters, doc])).toEqual(expected);
  });
});
