import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseExpression, parseTemplate, parseText } from "../../grammar/parse.ts";
import { DefinitionError } from "../core/errors.ts";
import { evaluate } from "./evaluate.ts";
import { renderTemplate, renderText } from "./render.ts";
import { scopeOf } from "./scope.ts";
import { traceCondition } from "./trace.ts";

const hostile = JSON.parse(
  '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "a": "{{ 7*7 }}", "b": "$ {{ env.SECRET }}", "c": "{% if true %}x{% endif %}"}',
);
const scope = scopeOf({ input: hostile, list: [1, 2], fn: () => "called", name: "ann" });

/** Payloads of published escapes from expression and template engines, and variations. */
const payloads = [
  "constructor.constructor('return process')()",
  "''.constructor.constructor('return process.mainModule')()",
  "''['constructor']['constructor']('return this')()",
  "''['con' ~ 'structor']['con' ~ 'structor']",
  "input['__pro' ~ 'to__'].polluted",
  "input.__proto__.polluted",
  "input['__proto__']",
  "input.constructor.prototype.polluted",
  "[].constructor.from",
  "[]['map']['constructor']",
  "list.map.constructor('return 1')()",
  "list.__lookupGetter__('x')",
  "name.toString.constructor",
  "name['toString']",
  "name.length.constructor",
  "input.toString",
  "input.hasOwnProperty('a')",
  "input.valueOf()",
  "{}.toString",
  "{'__proto__': {'polluted': 1}}",
  "{'constructor': {'prototype': {'polluted': 1}}}",
  '\'{"__proto__": {"polluted": 1}}\' | fromjson',
  '\'[{"a": {"constructor": 1}}]\' | fromjson',
  "['a'] | map('constructor')",
  "[input] | map(attribute='__proto__.polluted')",
  "[input] | map(attribute='constructor.prototype')",
  "[input] | selectattr('__proto__.polluted')",
  "[input] | selectattr('constructor', 'constructor')",
  "[input] | selectattr('a', '__proto__', 1)",
  "[input] | sort(attribute='__proto__')",
  "'x' | constructor",
  "constructor('x')",
  "this",
  "globalThis.process",
  "process.env",
  "require('child_process').execSync('id')",
  "import('fs')",
  "self.__init__.__globals__.__builtins__",
  "cycler.__init__.__globals__.os.popen('id').read()",
  "range.constructor('return global.process')()",
  "''.__class__.__mro__[1].__subclasses__()",
  "(() => 1)()",
  "function(){return 1}()",
  "a = 1",
  "a; b",
  "input.a, input.b",
  "new Date()",
  "eval('1')",
  "1 ? 2 : 3",
  "fn()",
  "steps.constructor",
  "steps['__proto__']",
  "$constructor.x",
  "$__proto__.polluted",
  "env.__proto__",
  "@eval('1')",
  "#{7*7}",
  "<%= 7*7 %>",
  "x\u0000y",
];

function run(source: string): unknown {
  return evaluate(parseExpression(source), scope);
}

describe("escape payloads (S-1)", () => {
  test.each(payloads)("%j is refused with a typed error, or reaches nothing", (payload) => {
    for (const attempt of [
      () => run(payload),
      () => renderText(parseText(`a {{ ${payload} }}`), scope),
      () => renderTemplate(parseTemplate(`{% if ${payload} %}{{ ${payload} }}{% endif %}`), scope),
    ]) {
      let outcome: unknown;
      try {
        outcome = attempt();
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(DefinitionError);
        continue;
      }
      expect(["string", "number", "boolean"]).toContain(typeof outcome);
      expect(String(outcome)).not.toContain("polluted");
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("no key reaches past own members, whatever its spelling", () => {
    const names = Object.getOwnPropertyNames(Object.prototype).concat(
      Object.getOwnPropertyNames(Array.prototype),
      Object.getOwnPropertyNames(String.prototype),
      Object.getOwnPropertyNames(Function.prototype),
    );
    for (const name of names) {
      for (const holder of ["name", "list", "{'x': 1}", "fn", "(1)", "true"]) {
        expect(() => run(`${holder}['${name}' ~ '']`)).toThrow(DefinitionError);
      }
    }
  });
});

describe("results are inert (S-4)", () => {
  test.each(["a", "b", "c"])("what looks like a template in input.%s stays as it is", (key) => {
    expect(renderText(parseText(`{{ input.${key} }}`), scope)).toBe(hostile[key]);
    expect(renderText(parseText(`<{{ input.${key} }}>`), scope)).toBe(`<${hostile[key]}>`);
    expect(renderTemplate(parseTemplate(`{% set x = input.${key} %}{{ x }}{% for y in [x] %}{{ y }}{% endfor %}`), scope)).toBe(
      hostile[key] + hostile[key],
    );
  });
});

describe("random programs", () => {
  const operand = fc.constantFrom(
    "1",
    "0",
    "-2.5",
    "'a'",
    "''",
    "none",
    "true",
    "false",
    "[1, 'b', none]",
    "{'k': [1]}",
    "input.a",
    "list",
    "list[0]",
    "input.nope",
    "steps.x.output",
    "item",
  );
  const { program } = fc.letrec<{ program: string }>((tie) => {
    const sub = tie("program");
    return {
      program: fc.oneof(
        { maxDepth: 5 },
        operand,
        fc
          .tuple(
            sub,
            fc.constantFrom("+", "-", "*", "/", "%", "~", "==", "!=", "<", ">=", "IN", "NOT IN", "matches", "??", "AND", "OR"),
            sub,
          )
          .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
        fc.tuple(fc.constantFrom("NOT ", "-"), sub).map(([sign, value]) => `${sign}(${value})`),
        sub.map((value) => `(${value}) is defined`),
        sub.map((value) => `[${value}, ${value}]`),
        fc.tuple(sub, sub).map(([value, key]) => `(${value})[${key}]`),
        fc.tuple(sub, sub, sub).map(([one, test, other]) => `(${one}) if (${test}) else (${other})`),
        fc
          .tuple(
            sub,
            fc.constantFrom(
              "length",
              "lower",
              "trim",
              "split",
              "join",
              "json",
              "fromjson",
              "keys",
              "values",
              "first",
              "last",
              "unique",
              "sort",
              "reverse",
              "sum",
              "min",
              "max",
              "round",
              "abs",
              "int",
              "float",
              "string",
              "sha256",
              "date",
              "duration",
              "quote",
              "default",
            ),
          )
          .map(([value, filter]) => `(${value}) | ${filter}`),
        fc
          .tuple(sub, fc.constantFrom("split", "default", "slice", "map", "round", "date", "selectattr", "trim", "int", "join"), sub)
          .map(([value, filter, argument]) => `(${value}) | ${filter}(${argument})`),
        fc.tuple(sub, sub, sub).map(([value, old, next]) => `(${value}) | replace(${old}, ${next})`),
      ),
    };
  });

  // FUZZ_RUNS=1000000 for the nightly run
  test("end in a JSON value or a typed error, change nothing, and trace without throwing (S-1)", () => {
    const before = Object.getOwnPropertyNames(Object.prototype).length;
    const frozen = Object.freeze(JSON.parse(JSON.stringify({ a: "x", list: [1, 2] })));
    const around = scopeOf({ input: frozen, list: frozen.list, item: { value: 1 } });
    let values = 0;
    fc.assert(
      fc.property(program, (source) => {
        let tree: ReturnType<typeof parseExpression>;
        try {
          tree = parseExpression(source);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: "DEF_EXPRESSION" });
          return;
        }
        traceCondition(tree, around);
        try {
          const result = evaluate(tree, around);
          // what JSON cannot carry would change on the way through it
          expect(JSON.parse(JSON.stringify(result))).toEqual(result);
          values++;
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(DefinitionError);
          expect((thrown as DefinitionError).code).toMatch(/^EXPR_/);
          expect((thrown as DefinitionError).place?.line).toBe(1);
        }
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 1_500) },
    );
    expect(values).toBeGreaterThan(200);
    expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
  });

  test("conditions agree with plain JavaScript", () => {
    type Bool = { readonly text: string; readonly value: boolean };
    const number = fc.integer({ min: -3, max: 3 }).map((value) => ({ text: `(${value})`, value }));
    const comparison = fc.tuple(number, fc.constantFrom("==", "!=", "<", "<=", ">", ">="), number).map(([left, operator, right]): Bool => {
      const outcomes = {
        "==": left.value === right.value,
        "!=": left.value !== right.value,
        "<": left.value < right.value,
        "<=": left.value <= right.value,
        ">": left.value > right.value,
        ">=": left.value >= right.value,
      };
      return { text: `${left.text} ${operator} ${right.text}`, value: outcomes[operator] };
    });
    const { condition } = fc.letrec<{ condition: Bool }>((tie) => ({
      condition: fc.oneof(
        { maxDepth: 6 },
        comparison,
        fc.boolean().map((value): Bool => ({ text: String(value), value })),
        fc
          .tuple(tie("condition"), fc.constantFrom("AND", "and", "&&"), tie("condition"))
          .map(([left, word, right]): Bool => ({ text: `(${left.text}) ${word} (${right.text})`, value: left.value && right.value })),
        fc
          .tuple(tie("condition"), fc.constantFrom("OR", "oR", "||"), tie("condition"))
          .map(([left, word, right]): Bool => ({ text: `(${left.text}) ${word} (${right.text})`, value: left.value || right.value })),
        fc
          .tuple(fc.constantFrom("NOT ", "!", "not "), tie("condition"))
          .map(([word, operand]): Bool => ({ text: `${word}(${operand.text})`, value: !operand.value })),
      ),
    }));
    fc.assert(
      fc.property(condition, ({ text, value }) => {
        expect(run(text)).toBe(value);
      }),
      { numRuns: 2_000 },
    );
  });

  test("rows without parentheses group as the levels say", () => {
    const row = fc.array(fc.tuple(fc.constantFrom("+", "-", "*", "/", "%"), fc.integer({ min: 1, max: 9 })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(row, (pieces) => {
        const numbers = [5, ...pieces.map(([, number]) => number)];
        const operators = pieces.map(([operator]) => operator);
        // products first, from the left, then sums
        const fold = (level: string): void => {
          for (let index = 0; index < operators.length; ) {
            const operator = operators[index] as string;
            if (!level.includes(operator)) {
              index++;
              continue;
            }
            const [left, right] = numbers.slice(index, index + 2) as [number, number];
            const results = {
              "+": left + right,
              "-": left - right,
              "*": left * right,
              "/": left / right,
              "%": left % right < 0 ? (left % right) + right : left % right,
            } as Record<string, number>;
            numbers.splice(index, 2, results[operator] as number);
            operators.splice(index, 1);
          }
        };
        fold("*/%");
        fold("+-");
        expect(run(`5 ${pieces.map(([operator, number]) => `${operator} ${number}`).join(" ")}`)).toBeCloseTo(numbers[0] as number, 6);
      }),
      { numRuns: 1_000 },
    );
  });
});
