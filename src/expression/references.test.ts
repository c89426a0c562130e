import { describe, expect, test } from "vitest";
import { parseExpression, parseTemplate, parseText } from "../../grammar/parse.ts";
import { type Reference, referencesOf } from "./references.ts";

/** A reference as text: `steps.a.output.x?` is guarded, `steps[*]` any step. */
function shown({ root, step, path, guarded }: Reference): string {
  const start = root === "steps" ? (step === undefined ? "steps[*]" : `steps.${step}`) : root;
  return [start, ...path].join(".") + (guarded ? "?" : "");
}

describe("expressions", () => {
  test.each<readonly [string, readonly string[]]>([
    ["1 + 2", []],
    ["steps.a.output.x[0].y > input.n", ["steps.a.output.x.0.y", "input.n"]],
    ["$a.x AND $b", ["steps.a.output.x", "steps.b.output"]],
    ["$a.x ?? $b.y ?? $c.z", ["steps.a.output.x?", "steps.b.output.y?", "steps.c.output.z"]],
    ["$a | default($b)", ["steps.a.output?", "steps.b.output"]],
    ["$a | upper | default($b)", ["steps.a.output?", "steps.b.output"]],
    ["default($a.x, $b, boolean=$c)", ["steps.a.output.x?", "steps.b.output", "steps.c.output"]],
    ["$a.x is defined AND $b is none", ["steps.a.output.x?", "steps.b.output"]],
    ["(($a is none) ?? $b) == NOT_ ", ["steps.a.output?", "steps.b.output", "NOT_"]],
    ["steps[input.name].output", ["steps[*]", "input.name"]],
    ["steps[0]", ["steps[*].0"]],
    ["input.a[input.b].c[$x:$y][:1]", ["input.a", "input.b", "steps.x.output", "steps.y.output"]],
    ["({'k': $a, 'l': [$b]} ?? 1)[$c].d", ["steps.a.output?", "steps.b.output?", "steps.c.output"]],
    ["NOT -$a == $b ~ $c", ["steps.a.output", "steps.b.output", "steps.c.output"]],
    ["$a if $b else $c", ["steps.b.output", "steps.a.output", "steps.c.output"]],
  ])("%s", (source, expected) => {
    expect(referencesOf(parseExpression(source)).map(shown)).toEqual(expected);
  });

  test("know their place", () => {
    expect(referencesOf(parseExpression("1 +\n $a.x", { line: 4, column: 9, indent: 6 }))).toEqual([
      { root: "steps", step: "a", path: ["output", "x"], place: { offset: 5, line: 5, column: 8 }, guarded: false },
    ]);
  });
});

describe("texts and templates", () => {
  test("a text reads what its outputs read", () => {
    expect(referencesOf(parseText("a {{ $a }} {{ input.b | raw }}")).map(shown)).toEqual(["steps.a.output", "input.b"]);
  });

  test.each<readonly [string, readonly string[]]>([
    [
      "{% for item in input.xs if item.ok %}{{ item.a }}{{ loop.index }}{{ $s }}{% else %}{{ item.b }}{% endfor %}{{ loop.x }}",
      ["input.xs", "steps.s.output", "item.b", "loop.x"],
    ],
    ["{% set x = input.a %}{{ x.b }}", ["input.a"]],
    ["{{ x }}{% set x = x %}{{ x }}", ["x", "x"]],
    ["{% if input.a %}{% set x = 1 %}{% elif input.b %}{% set x = 2 %}{% else %}{% set x = 3 %}{% endif %}{{ x }}", ["input.a", "input.b"]],
    ["{% if input.a %}{% set x = 1 %}{% endif %}{{ x }}", ["input.a", "x"]],
    ["{% for a in input.xs %}{% set y = a %}{{ y }}{% endfor %}{{ y }}", ["input.xs", "y"]],
    ["{% for a in xs %}{% for b in a.bs %}{{ a ~ b }}{% endfor %}{% endfor %}", ["xs"]],
  ])("%s", (source, expected) => {
    expect(referencesOf(parseTemplate(source)).map(shown)).toEqual(expected);
  });
});
