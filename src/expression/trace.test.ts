import { expect, test } from "vitest";
import { parseExpression } from "../../grammar/parse.ts";
import { scopeOf } from "./scope.ts";
import { TRACE_CHARS_MAX, traceCondition } from "./trace.ts";

const scope = scopeOf({
  input: {
    a: 1,
    b: 2,
    long: "x".repeat(500),
    list: Array.from({ length: 1_000 }, (_, index) => index),
    short: [1, "y"],
    map: { ["k".repeat(300)]: 1, more: { deep: ["z".repeat(300)] } },
  },
});

function trace(source: string) {
  return traceCondition(parseExpression(source), scope);
}

test("tells the value of every part that was evaluated, and leaves out the value of those that were not", () => {
  expect(trace("input.a == 1 AND NOT input.b > 3 AND (input.a > 5 OR input.b == 2 OR input.nope)")).toEqual({
    text: "input.a == 1 AND NOT input.b > 3 AND (input.a > 5 OR input.b == 2 OR input.nope)",
    value: true,
    children: [
      { text: "input.a == 1", value: true, children: [{ text: "input.a", value: 1, children: [] }] },
      {
        text: "NOT input.b > 3",
        value: true,
        children: [{ text: "input.b > 3", value: false, children: [{ text: "input.b", value: 2, children: [] }] }],
      },
      {
        text: "input.a > 5 OR input.b == 2 OR input.nope",
        value: true,
        children: [
          { text: "input.a > 5", value: false, children: [{ text: "input.a", value: 1, children: [] }] },
          { text: "input.b == 2", value: true, children: [{ text: "input.b", value: 2, children: [] }] },
          { text: "input.nope", children: [] },
        ],
      },
    ],
  });
});

test("an error stays where it happened and shows at the top", () => {
  expect(trace("input.a == 1 AND input.nope > 1")).toMatchObject({
    error: "`input` has no `nope`.",
    children: [{ value: true }, { error: "`input` has no `nope`.", children: [{ text: "input.nope", error: "`input` has no `nope`." }] }],
  });
  expect(trace("input.a")).toMatchObject({ error: "A condition takes true or false; `input.a` is a number.", children: [] });
});

test("the branch not taken has no value", () => {
  expect(trace("input.a == 1 if input.b == 2 else input.nope").children).toEqual([
    { text: "input.b == 2", value: true, children: [{ text: "input.b", value: 2, children: [] }] },
    { text: "input.a == 1", value: true, children: [{ text: "input.a", value: 1, children: [] }] },
    { text: "input.nope", children: [] },
  ]);
  expect(trace("true if input.b == 3 else false").children).toMatchObject([
    { value: false },
    { text: "true" },
    { text: "false", value: false },
  ]);
});

test.each([
  ["(input.nope ?? 3) + -input.a == 2", ["(input.nope ?? 3) + -input.a"]],
  ["input.nope is defined", ["input.nope"]],
  ["input.a | default(input.b, true) == 1", ["input.a | default(input.b, true)"]],
  ["input.a ~ 'x' == '1x'", ['input.a ~ "x"']],
])("%s is told part by part", (source, parts) => {
  expect(trace(source).children.map(({ text }) => text)).toEqual(parts);
});

test("deeper parts are told too", () => {
  expect(trace("-input.a + input.b == 1").children[0]?.children).toEqual([
    { text: "-input.a", value: -1, children: [{ text: "input.a", value: 1, children: [] }] },
    { text: "input.b", value: 2, children: [] },
  ]);
  expect(trace("(input.a | default(input.b)) == 1").children[0]?.children.map(({ text }) => text)).toEqual(["input.a", "input.b"]);
});

test("values and texts are cut to a length that can be stored", () => {
  const [long] = trace("input.long == 'x'").children;
  expect(long?.value).toBe(`${"x".repeat(TRACE_CHARS_MAX)}…`);
  const [list] = trace("input.list == []").children;
  expect(list?.value).toMatch(/^\[0,1,2,.*…$/);
  expect(list?.value).toHaveLength(TRACE_CHARS_MAX + 1);
  expect(trace("input.short == []").children[0]?.value).toEqual([1, "y"]);
  expect(trace("input.map == {}").children[0]?.value).toMatch(/^\{"kkk.*…$/);
  expect(trace("input.map.more == {}").children[0]?.value).toMatch(/^\{"deep":\["zzz.*…$/);
  expect(trace("[none, {}, []] == []").children[0]?.value).toEqual([null, {}, []]);
  expect(trace(`input.a == 1 OR ${"input.a == 2 OR ".repeat(50)} true`).text).toHaveLength(TRACE_CHARS_MAX + 1);
});

test("what is no error of ours is not hidden", () => {
  const broken = { value: () => JSON.parse("{"), step: () => undefined, stepNames: () => [] };
  expect(() => traceCondition(parseExpression("input.a"), broken)).toThrow(SyntaxError);
});
