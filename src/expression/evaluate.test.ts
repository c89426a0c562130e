import { describe, expect, test } from "vitest";
import type { Expression } from "../../grammar/ast.ts";
import { parseExpression } from "../../grammar/parse.ts";
import { DefinitionError } from "../core/errors.ts";
import { evaluate, evaluateCondition } from "./evaluate.ts";
import { type Scope, scopeOf } from "./scope.ts";

const scope = scopeOf({
  input: {
    load: 0.7,
    n: 5,
    name: "ann",
    xs: [3, 1, null, 2],
    m: { a: 1, "b c": 2, nothing: null, gone: undefined },
    zero: 0,
    flag: true,
    emoji: "a😀b",
  },
  steps: {
    lint: { status: "succeeded", output: { errors: 0, files: ["a.ts", "b.ts"] }, attempts: 1 },
    verify: { status: "skipped" },
    odd: { output: undefined },
    "odd-name": { output: 1 },
  },
  item: { value: "v", index: 3 },
  run: { id: "run_1" },
  extra: 42,
});

const at = { offset: 0, line: 1, column: 1 };

function value(source: string): unknown {
  return evaluate(parseExpression(source), scope);
}

function failure(run: () => unknown): DefinitionError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof DefinitionError) return thrown;
    throw thrown;
  }
  throw new Error("nothing failed");
}

describe("values", () => {
  test.each<readonly [string, unknown]>([
    ["[1, 'a', null, [true]]", [1, "a", null, [true]]],
    ["{'a': {'b': input.n}}", { a: { b: 5 } }],
    ["input.load", 0.7],
    ["$input.load", 0.7],
    ["extra", 42],
    ["item.value ~ item.index", "v3"],
    ["steps.lint.output.errors", 0],
    ["$lint.errors", 0],
    ["$lint.files[-1]", "b.ts"],
    ['steps["odd-name"].output', 1],
    ["steps[input.name ~ ''].output ?? 'none'", "none"],
    ["steps.lint", { status: "succeeded", output: { errors: 0, files: ["a.ts", "b.ts"] }, attempts: 1 }],
    ["input.xs[0] + input.xs[input.n - 2]", 5],
    ["input.xs[2]", null],
    ["input.xs[-2]", null],
    ["input.m['b c']", 2],
    ["input.m['b' ~ ' c']", 2],
    ["input.name[0] ~ input.name[-1]", "an"],
    ["input.emoji[1]", "😀"],
    ["input.xs[1:3]", [1, null]],
    ["input.xs[:-2]", [3, 1]],
    ["input.name[1:]", "nn"],
    ["input.emoji[1:2]", "😀"],
    ["(input.m ?? 1).a", 1],
    ["[[1, 2], [3]][0][1]", 2],
    // arithmetic
    ["1 + 2 * 3 - 4 / 2", 5],
    ["-input.n + 1", -4],
    ["-(0)", 0],
    ["7 % 3", 1],
    ["-7 % 3", 2],
    ["7 % -3", -2],
    ["-7 % -3", -1],
    ["0 * -1", 0],
    ["-2 | abs", 2],
    ["-input.n | abs", -5],
    // text
    ["'a' ~ 1 ~ true ~ none ~ [1, 'x'] ~ {'k': null}", 'a1true[1,"x"]{"k":null}'],
    // comparison
    ["1 == 1.0", true],
    ["1 == '1'", false],
    ["none == false", false],
    ["[1, {'a': [2]}] == [1, {'a': [2]}]", true],
    ["[1] == [1, 2]", false],
    ["[1] == {'0': 1}", false],
    ["{'a': 1} == [1]", false],
    ["{'a': 1} == {'b': 1}", false],
    ["{'a': 1} == {'a': 1, 'b': 2}", false],
    ["{'a': 1} != {'a': 2}", true],
    ["'a' < 'b' and 'b' >= 'b' and 'b' > 'a' and 'a' <= 'a'", true],
    ["1 < 2 and 2 <= 2 and 3 > 2 and 2 >= 2", true],
    ["2 < 1 or 3 <= 2 or 2 > 3 or 1 >= 2", false],
    ["'\uffff' < '😀'", true],
    ["'😀' < '😀a'", true],
    ["'😀' == '😀'", true],
    ["2 IN input.xs", true],
    ["9 NOT IN input.xs", true],
    ["{'a': 1} IN [{'a': 1}]", true],
    ["'nn' IN input.name", true],
    ["'a' IN input.m", true],
    ["'gone' IN input.m", false],
    ["'toString' IN input.m", false],
    ["'x12' matches '^x\\d+$'", true],
    ["'x12' matches input.name", false],
    // logic
    ["input.flag AND NOT false", true],
    ["false || input.flag && true", true],
    ["false AND input.nope", false],
    ["true OR input.nope", true],
    ["'y' if input.flag else input.nope", "y"],
    ["input.nope if false else 'n'", "n"],
    // missing values
    ["input.nope is defined", false],
    ["input.m.gone is not defined", true],
    ["input.n is defined", true],
    ["nope.a.b is defined", false],
    ["steps.verify.output is defined", false],
    ["steps.none.output is defined", false],
    ["steps.verify.output ?? 'none'", "none"],
    ["steps.nope.output.x ?? steps.odd.output ?? 3", 3],
    ["input.m.nothing ?? 4", 4],
    ["input.m.nothing is none", true],
    ["input.n is not none", true],
    ["input.m.nothing | default(4)", null],
    ["input.m.nothing | default(4, true)", 4],
    ["input.m.nope | default(4)", 4],
    ["input.m.nope | default", ""],
    ["input.m.nope | upper | default('x')", "x"],
    ["(input.nope + 1) ?? 7", 7],
    ["input[input.nope] ?? 8", 8],
    ["(nope + 1) ?? (steps.none.output + 1) ?? 9", 9],
    ["(input.nope ?? input.n) + 1", 6],
    ["[input.nope.a] is defined", false],
    ["[] | first ?? 'empty'", "empty"],
    ["input.n ?? 0 > 3", true],
  ])("%s", (source, expected) => {
    expect(value(source)).toEqual(expected);
  });

  test("parts of the scope come back as they are", () => {
    const data = { list: [{}] };
    expect(evaluate(parseExpression("input.list"), scopeOf({ input: data }))).toBe(data.list);
  });

  test("made maps have no prototype", () => {
    expect(Object.getPrototypeOf(value("{'a': 1}"))).toBeNull();
  });
});

describe("errors name the place, the value and the next step", () => {
  const failing: readonly (readonly [source: string, code: string, column: number, message: string, fix?: string])[] = [
    ["input.laod > 1", "EXPR_MISSING", 1, "`input` has no `laod`.", "Did you mean `load`?"],
    ["1 + input.m.zzz", "EXPR_MISSING", 5, "`input.m` has no `zzz`.", "It has: a, b c, nothing."],
    ["input.m['b c'].x", "EXPR_MISSING", 1, '`input.m["b c"]` is a number and has no `x`.'],
    ["input.m.nothing.x", "EXPR_MISSING", 1, "`input.m.nothing` is none and has no `x`."],
    ["input.xs[9]", "EXPR_MISSING", 1, "`input.xs` has 4 item(s), so no item 9.", "default(fallback)"],
    ["input.xs[0.5]", "EXPR_MISSING", 1, "so no item 0.5"],
    ["input.xs['a' ~ 'b']", "EXPR_MISSING", 1, "`input.xs` is a list and has no `ab`."],
    ["input.emoji[3]", "EXPR_MISSING", 1, "has 3 character(s), so no item 3."],
    ["input.n[0]", "EXPR_MISSING", 1, "`input.n` is a number and has no item 0."],
    ["input.xs.length", "EXPR_MISSING", 1, "`input.xs` is a list and has no `length`.", "Write `input.xs | length`."],
    ["input.xs.size", "EXPR_MISSING", 1, "has no `size`", "| length"],
    ["(input.xs ?? 1)[9]", "EXPR_MISSING", 2, "`(input.xs ?? 1)` has 4 item(s)"],
    ["input.xs[1:][9]", "EXPR_MISSING", 1, "`input.xs[…]` has 3 item(s)"],
    ["input.m[input.name].x", "EXPR_MISSING", 1, "`input.m` has no `ann`."],
    ["input.m['a' ~ ''].x", "EXPR_MISSING", 1, "`input.m.a` is a number"],
    ["{'only': 1}.other", "EXPR_MISSING", 1, "has no `other`", "It has: only."],
    ["{}.other", "EXPR_MISSING", 1, "has no `other`", "?? fallback"],
    ["steps.verify.output.count", "EXPR_MISSING", 1, "`steps.verify` has no output: the step is skipped.", "?? fallback"],
    ["steps.odd.output.count", "EXPR_MISSING", 1, "`steps.odd` has no `output`.", "?? fallback"],
    ["$lnit.errors", "EXPR_MISSING", 1, "There is no step `lnit`", "Did you mean `lint`?"],
    ["lint.output", "EXPR_MISSING", 1, "There is no `lint`.", "`steps.lint`, its output `$lint`"],
    ["inputs.load", "EXPR_MISSING", 1, "There is no `inputs`.", "Did you mean `input`?"],
    ["wholly_unknown", "EXPR_MISSING", 1, "There is no `wholly_unknown`.", "It has: input, steps, item, run, context, env, secrets."],
    ["secrets.token", "EXPR_MISSING", 1, "There is no `secrets` here."],
    ["steps", "EXPR_TYPE", 1, "`steps` needs the name of a step"],
    ["steps[0]", "EXPR_TYPE", 1, "`steps` needs the name of a step"],
    ["input[['a']]", "EXPR_TYPE", 7, "A key is a text or a number, not a list."],
    ["input['__pro' ~ 'to__']", "EXPR_ARGUMENT", 15, "The name `__proto__` is not allowed."],
    ["input.xs['a':]", "EXPR_TYPE", 1, "whole numbers, not a text"],
    ["input.xs[:0.5]", "EXPR_TYPE", 1, "whole numbers, not a number"],
    ["input.n[1:]", "EXPR_TYPE", 1, "Only lists and texts have parts, not a number."],
    ["input.n AND true", "EXPR_TYPE", 1, "AND takes true or false; `input.n` is a number.", "`input.n != 0`"],
    ["true AND input.name", "EXPR_TYPE", 10, "AND takes true or false; `input.name` is a text."],
    ["false OR none", "EXPR_TYPE", 10, "OR takes true or false; `null` is none."],
    ["NOT input.xs", "EXPR_TYPE", 5, "NOT takes true or false; `input.xs` is a list."],
    ["1 if input.m else 2", "EXPR_TYPE", 6, "if takes true or false; `input.m` is a map."],
    ["input.n > 'x'", "EXPR_TYPE", 9, "`>` cannot compare a number with a text.", "| int"],
    ["true < false", "EXPR_TYPE", 6, "`<` cannot compare a boolean with a boolean."],
    ["[1] < [2]", "EXPR_TYPE", 5, "`<` cannot compare a list with a list."],
    ["1 IN 'a'", "EXPR_TYPE", 3, "here it looks for a number in a text"],
    ["'a' IN 5", "EXPR_TYPE", 5, "a text in a number"],
    ["5 IN input.m", "EXPR_TYPE", 3, "a number in a map"],
    ["5 matches 'a'", "EXPR_TYPE", 3, "not a number with a text"],
    ["'a' matches 5", "EXPR_TYPE", 5, "not a text with a number"],
    ["'a' matches '(' ~ ''", "EXPR_ARGUMENT", 5, "The pattern after `matches` cannot be used"],
    ["'a' + 'b'", "EXPR_TYPE", 5, "`+` calculates with numbers, not with a text and a text.", "Texts are joined with `~`."],
    ["1 - none", "EXPR_TYPE", 3, "not with a number and none"],
    ["-input.name", "EXPR_TYPE", 1, "`-` turns a number's sign, not a text."],
    ["1 / input.zero", "EXPR_NUMBER", 3, "Division by zero."],
    ["1 % 0", "EXPR_NUMBER", 3, "Division by zero."],
    ["1e308 * 10", "EXPR_NUMBER", 7, "too large"],
    ["0 - 1e308 * 10", "EXPR_NUMBER", 11, "too large"],
  ];
  test.each(failing.map((row) => [row[0], row] as const))("%s", (_, [source, code, column, message, fix]) => {
    const error = failure(() => value(source));
    expect(error).toMatchObject({ code, place: { line: 1, column } });
    expect(error.message).toContain(message);
    if (fix !== undefined) expect(error.fix).toContain(fix);
  });

  test("a list of very many names is not searched to its end", () => {
    function* names(): Generator<string> {
      for (let index = 0; ; index++) yield `step${index}`;
    }
    const endless: Scope = { value: () => undefined, step: () => undefined, stepNames: names };
    expect(failure(() => evaluate(parseExpression("$zzzzzzzzz"), endless)).fix).toBe(
      "It has: step0, step1, step2, step3, step4, step5, step6, step7 ….",
    );
  });

  test("no steps, no suggestion", () => {
    expect(failure(() => evaluate(parseExpression("$a"), scopeOf({}))).fix).toBeUndefined();
  });

  test("a tree that no parser made is a fault of ours", () => {
    const tree: Expression = { kind: "filter", at, name: "nope", target: { kind: "literal", at, value: 1 }, args: [], named: [] };
    expect(() => evaluate(tree, scope)).toThrow("An expression was evaluated that no parser made");
  });
});

describe("conditions", () => {
  test("give booleans", () => {
    expect(evaluateCondition(parseExpression("input.n > 3"), scope)).toBe(true);
  });

  test.each([
    ["input.n", "A condition takes true or false; `input.n` is a number."],
    ["input.nope ?? none", "`input.nope ?? null` is none."],
    ["input.xs | length", "`input.xs | length` is a number."],
  ])("%s is none", (source, message) => {
    expect(failure(() => evaluateCondition(parseExpression(source), scope))).toMatchObject({ code: "EXPR_TYPE" });
    expect(failure(() => evaluateCondition(parseExpression(source), scope)).message).toContain(message);
  });
});

describe("scopes", () => {
  test("only the step that is named is touched", () => {
    const touched: string[] = [];
    const lazy: Scope = {
      value: (root) => touched.push(root) && undefined,
      step: (id) => touched.push(id) && { output: { y: 1 } },
      stepNames: () => {
        throw new Error("asked for all names");
      },
    };
    expect(evaluate(parseExpression("steps.x.output.y == 1 AND $z.y > 0"), lazy)).toBe(true);
    expect(touched).toEqual(["x", "z"]);
  });

  test("a record offers own members only", () => {
    const inherited = scopeOf(Object.create({ input: 1 }));
    expect(inherited.value("input")).toBeUndefined();
    expect(scopeOf({ steps: "none" }).step("length")).toBeUndefined();
    expect([...scopeOf({ steps: { a: 1 } }).stepNames()]).toEqual(["a"]);
  });
});

describe("limits", () => {
  const tight = { fuel: 1_000, textChars: 100 };
  const deep = JSON.parse("[".repeat(5_000) + "]".repeat(5_000));
  const big = scopeOf({
    list: Array.from({ length: 2_000 }, (_, index) => index),
    text: "x".repeat(90),
    deep,
    also: JSON.parse(JSON.stringify({ a: "y".repeat(50_000) })),
  });

  test.each([
    ["list | sort", "more than 1000 steps"],
    ["5 IN list", "more than 1000 steps"],
    ["list | json", "more than 1000 steps"],
    ["list[1:]", "more than 1000 steps"],
    ["'a' IN also.a", "more than 1000 steps"],
    ["also.a[1:]", "more than 1000 steps"],
    ["also.a | length", "more than 1000 steps"],
    ["text matches '(x|xx|xxx){20}y'", "more than 1000 steps"],
    ["text ~ text", "A text of 180 characters is longer than the 100 allowed."],
    ["text | replace('x', 'yyyyyyyyyyyyyyyyyyyyyy')", "A text of 1980 characters"],
    ["[text, text] | join", "characters"],
    ["[text, text] | json", "characters"],
    ["text | upper | replace('X', text)", "A text of 8100 characters"],
    ["'' | replace('', text ~ 'x') ~ text", "characters"],
  ])("%s", (source, message) => {
    const error = failure(() => evaluate(parseExpression(source), big, tight));
    expect(error.code).toBe("EXPR_LIMIT");
    expect(error.message).toContain(message);
  });

  test.each(["deep | json", "deep ~ ''", "[deep] | unique", "deep == deep[0]"])("a value too deep to walk: %s", (source) => {
    expect(failure(() => evaluate(parseExpression(source), big)).message).toMatch(/nested more than 100 deep/);
  });

  test("a deep value that is only passed on is no problem", () => {
    expect(evaluate(parseExpression("deep"), big)).toBe(deep);
  });

  test("equal values of equal size cost their size", () => {
    const left = Array.from({ length: 600 }, (_, index) => index);
    const twins = scopeOf({ left, right: [...left], a: { ...left }, b: { ...left } });
    expect(evaluate(parseExpression("left == right"), twins, tight)).toBe(true);
    expect(failure(() => evaluate(parseExpression("left == right AND a == b"), twins, tight)).code).toBe("EXPR_LIMIT");
  });
});
