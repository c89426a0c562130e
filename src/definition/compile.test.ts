import { describe, expect, test } from "vitest";
import { builtInStepTypes } from "../../test/support/step-types.ts";
import { isTroupeError } from "../core/errors.ts";
import { RETRY_DEFAULTS } from "../plan/retry-delay.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { CheckResult } from "./check-result.ts";
import { check, compile, recompile } from "./compile.ts";

const options = { file: "sample.troupe.yaml", stepTypes: builtInStepTypes };
const checked = (text: string): CheckResult => check(text, options);
const compiled = (text: string): CompiledWorkflow => compile(text, options);
/** `CODE line:column message | fix` of every finding. */
const told = (text: string): string[] =>
  checked(text).findings.map(
    ({ code, line, column, message, fix }) => `${code} ${line}:${column} ${message}${fix === null ? "" : ` | ${fix}`}`,
  );
const codes = (text: string): string[] => checked(text).findings.map(({ code, line, column }) => `${code} ${line}:${column}`);
const steps = (...lines: string[]): string => `steps:\n${lines.map((line) => `  - ${line}\n`).join("")}`;

describe("a workflow", () => {
  test("gets its defaults, and the name of its file", () => {
    const workflow = compiled(steps("{ id: a, run: make }"));
    expect(workflow).toMatchObject({
      name: "sample",
      dialect: "troupe",
      tenant: "default",
      priority: 3,
      concurrency: null,
      output: null,
      timeoutMs: null,
    });
    expect(workflow.steps[0]).toMatchObject({
      id: "a",
      type: "shell",
      join: "all_success",
      retry: RETRY_DEFAULTS,
      timeout: null,
      sideEffect: "repeatable",
      onEngineCrash: "reattach",
      optional: false,
    });
    expect(workflow.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test("has the same hash from YAML and from JSON, and whatever the order of its keys", () => {
    const yaml = compiled("name: x\nsteps:\n  - id: a\n    run: make\n");
    const json = compiled('{ "steps": [{ "run": "make", "id": "a" }], "name": "x" }');
    expect(json.hash).toBe(yaml.hash);
    expect(compiled("name: x\nsteps:\n  - id: a\n    run: make all\n").hash).not.toBe(yaml.hash);
  });

  test("compiles again from its document to an equal workflow", () => {
    const text = `name: x
input: { load: { type: number, default: 1 }, grade: string }
output: { out: "{{ $b.n ?? input.grade }}" }
use: { retry: { net: { max: 2 } } }
defaults: { shell: { env: { A: "{{ input.load }}" } } }
steps:
  - { id: a, run: "echo {{ input.load }}", retry: net, output: { n: number } }
  - { id: b, type: template, template: "{% if input.load > 1 %}x{% endif %}", when: $a.n > 3, timeout: { after: 1m, then: fallback, value: { n: 1 } } }
`;
    const workflow = compiled(text);
    const again = recompile(JSON.parse(JSON.stringify(workflow.document)), workflow.hash, options);
    expect(withoutPlaces(again)).toEqual(withoutPlaces(workflow));
    expect(compile(workflow.document, options).hash).toBe(workflow.hash);
  });
});

function withoutPlaces(workflow: CompiledWorkflow): unknown {
  return JSON.parse(JSON.stringify({ ...workflow, indexOf: [...workflow.indexOf] }, (key, value) => (key === "place" ? undefined : value)));
}

describe("edges", () => {
  test("come from every field, from needs and from switch cases, each with its place", () => {
    const { steps: list } = compiled(`steps:
  - { id: a, run: x }
  - { id: b, run: "y {{ $a.n }}", env: { N: "{{ steps.a.output.n }}" } }
  - id: c
    type: switch
    needs: b
    cases: [{ when: $a.n > 1, do: d }]
  - { id: d, run: z, needs: [c] }
`);
    expect(list[1]?.needs).toEqual([
      {
        from: 0,
        because: [
          { field: "run", kind: "reference", text: "$a.n", place: { file: "sample.troupe.yaml", line: 3, column: 25, length: 4 } },
          {
            field: "env.N",
            kind: "reference",
            text: "steps.a.output.n",
            place: { file: "sample.troupe.yaml", line: 3, column: 49, length: 16 },
          },
        ],
      },
    ]);
    expect(list[2]?.needs.map(({ from, because }) => [from, because.map(({ field, kind }) => `${kind} ${field}`)])).toEqual([
      [0, ["reference cases[0].when"]],
      [1, ["needs needs[0]"]],
    ]);
    expect(list[3]).toMatchObject({
      routedBy: [2],
      needs: [{ from: 2, because: [{ kind: "switch", field: "cases[0].do" }, { kind: "needs" }] }],
    });
    expect(list.map(({ dependents }) => dependents)).toEqual([[1, 2], [2], [3], []]);
  });

  test("depends_on, dependencies and depends mean needs", () => {
    for (const alias of ["depends_on", "dependencies", "depends"]) {
      expect(compiled(steps("{ id: a, run: x }", `{ id: b, run: x, ${alias}: [a] }`)).steps[1]?.needs[0]?.from).toBe(0);
    }
    expect(codes(steps("{ id: a, run: x }", "{ id: b, run: x, needs: a, depends_on: a }"))).toEqual(["DEF_DUPLICATE_KEY 3:32"]);
  });

  test("an unknown step is told with the nearest one, inside the text that names it", () => {
    expect(told(steps("{ id: build, run: x }", '{ id: b, run: "a {{ $biuld.n }}" }'))).toEqual([
      "DEF_UNKNOWN_STEP 3:25 Step `b` needs `biuld`, which does not exist. | Did you mean `build`?",
    ]);
    expect(codes(steps("{ id: build, run: x }", "{ id: b, run: x, needs: [biuld] }"))).toEqual(["DEF_UNKNOWN_STEP 3:30"]);
  });

  test("nobody who misspells a name is sent to the step itself, or to one that is far away", () => {
    expect(told(steps("{ id: lint, run: x }", "{ id: build, run: x, needs: [biuld] }"))).toEqual([
      "DEF_UNKNOWN_STEP 3:34 Step `build` needs `biuld`, which does not exist. | The other steps are lint.",
    ]);
    expect(told(steps("{ id: fast, run: x }", "{ id: b, run: x, needs: [test] }"))).toEqual([
      "DEF_UNKNOWN_STEP 3:30 Step `b` needs `test`, which does not exist. | The other steps are fast.",
    ]);
    expect(told(steps("{ id: build, run: x, needs: [biuld] }"))[0]).toContain("There is no other step.");
  });

  test("a step that needs itself, and one that is only known at run time, are errors", () => {
    expect(
      codes(steps('{ id: a, run: "{{ $a.x }}" }', "{ id: b, run: x, needs: b }", '{ id: c, run: "{{ steps[input.x].output }}" }')),
    ).toEqual(["DEF_SELF_REFERENCE 2:23", "DEF_SELF_REFERENCE 3:29", "DEF_UNKNOWN_NAME 4:23"]);
  });

  test("a circle is shown as a path with all its places", () => {
    expect(told(steps("{ id: a, run: x, needs: c }", '{ id: b, run: "{{ $a.x }}" }', "{ id: c, run: x, needs: b }"))).toEqual([
      "DEF_CYCLE 2:29 Steps depend on each other in a circle: a → c → b → a. | Remove one of these: `a` needs `c` (line 2: `needs[0]`); `c` needs `b` (line 4: `needs[0]`); `b` needs `a` (line 3: `run`).",
    ]);
  });

  test("ids are unique, no roots, and agree with numbers", () => {
    expect(codes(steps("{ id: a, run: x }", "{ id: a, run: x }", "{ id: run, run: x }"))).toEqual([
      "DEF_DUPLICATE_STEP 3:11",
      "DEF_RESERVED_ID 4:11",
    ]);
    expect(codes(steps("{ id: step2, run: x, number: 1 }"))).toEqual(["DEF_STEP_NUMBER 2:34"]);
    expect(codes(steps("{ id: step2, run: x }", "{ id: b, run: x, number: 2 }"))).toEqual(["DEF_STEP_NUMBER 2:11"]);
    expect(compiled(steps("{ id: a, run: x, number: 2 }", '{ id: b, run: "{{ $step2.x }}" }')).steps[1]?.needs[0]?.from).toBe(0);
  });

  test("steps that share a lock or a path are in conflict", () => {
    const { steps: list } = compiled(
      steps("{ id: a, run: x, locks: db }", "{ id: b, run: x, locks: [db], touches: src }", '{ id: c, run: x, touches: "src/**" }'),
    );
    expect(list.map(({ conflicts }) => conflicts)).toEqual([[1], [0, 2], [1]]);
  });
});

describe("the shape", () => {
  test("unknown keys come with the nearest one, and all of them at once", () => {
    expect(told("nmae: x\nsteps:\n  - id: a\n    runn: x\n  - id: b\n    run: x\n    tiemout: 3\n")).toEqual([
      "DEF_UNKNOWN_KEY 1:1 A workflow has no key `nmae`. | Did you mean `name`?",
      "DEF_NO_TYPE 3:5 Step `a` does not say what it does. | Did you mean `run` where it says `runn`?",
      "DEF_UNKNOWN_KEY 7:5 Step `b` (shell) has no key `tiemout`. | Did you mean `timeout`?",
    ]);
  });

  test("what the language has and this version lacks is said plainly", () => {
    expect(told("budget: { usd: 1 }\nsteps:\n  - { id: a, run: x, importance: 1 }\n")).toEqual([
      "DEF_NOT_YET 1:1 `budget` is part of the language, but this version of Troupe does not have it yet. | Remove it.",
      "DEF_NOT_YET 3:22 `importance` is part of the language, but this version of Troupe does not have it yet. | Remove it.",
    ]);
  });

  test("wrong values are told at their place, with advice", () => {
    expect(
      told(
        "concurrency: 0\nsteps:\n  - { id: my-step, run: x }\n  - { id: b, run: x, timeout: { after: 5 parsecs } }\n  - { id: c, run: x, join: all_succes }\n",
      ),
    ).toEqual([
      "DEF_SCHEMA 1:14 concurrency: Value 0 is below minimum 1",
      "DEF_SCHEMA 3:11 id: Value 'my-step' does not match pattern '^[A-Za-z_][A-Za-z0-9_]*$' | Use letters, digits and `_`, not beginning with a digit, such as `my_step`.",
      "DEF_SCHEMA 4:40 timeout.after: Value '5 parsecs' does not match pattern '^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$' | Write a duration such as `250ms`, `30s`, `1h30m` or `7d`; a number means seconds.",
      "DEF_SCHEMA 5:28 join: Value 'all_succes' is not one of ['all_success', 'all_done', 'any_success', 'none_failed'] | Did you mean `all_success`?",
    ]);
  });

  test("a step needs an id and a type; a workflow needs steps", () => {
    expect(codes("name: x\n")).toEqual(["DEF_SCHEMA 1:1"]);
    expect(codes("steps: []\n")).toEqual(["DEF_SCHEMA 1:8"]);
    expect(codes("steps: [3]\n")).toEqual(["DEF_SCHEMA 1:9"]);
    expect(codes(steps("{ run: x }", "{ id: b, title: y }", "{ id: c, type: shel }"))).toEqual([
      "DEF_SCHEMA 2:5",
      "DEF_NO_TYPE 3:5",
      "DEF_UNKNOWN_TYPE 4:20",
    ]);
  });

  test("paths of findings are those of the file", () => {
    expect(checked(steps("{ id: a, run: x, with: { b: '{{ $c }}' } }")).findings[0]?.path).toBe("steps[0].with.b");
    expect(checked(steps("{ id: a, run: x, retyr: 1 }")).findings[0]?.path).toBe("steps[0].retyr");
  });

  test("all errors come in one exception", () => {
    try {
      compiled("nmae: x\nsteps: [{ id: a }]\n");
      expect.unreachable();
    } catch (thrown) {
      expect(isTroupeError(thrown) && thrown.toJSON()).toMatchObject({ code: "DEF_INVALID", place: { line: 1, column: 1 } });
      expect((thrown as { errors: unknown[] }).errors).toHaveLength(2);
    }
  });
});

describe("expressions are told at their character", () => {
  test.each([
    ["plain", "when: $a.x >> 3", "DEF_EXPRESSION 4:17"],
    ["single quotes", "when: '$a.x == ''b'' >> 3'", "DEF_EXPRESSION 4:27"],
    ["double quotes", 'when: "$a.x == \\"b\\" >> 3"', "DEF_EXPRESSION 4:27"],
    ["a literal block", "run: |\n      one\n      two {{ $a.x >> 3 }}", "DEF_EXPRESSION 6:20"],
    ["a folded block", "run: >-\n      one\n      two\n\n      three {{ $a.x >> 3 }}", "DEF_EXPRESSION 8:22"],
    ["plain over lines", "when: $a.x\n      == 3\n      >> 4", "DEF_EXPRESSION 6:8"],
    ["an escape before it", 'run: "\\u00e9\\t\\x41 {{ $a.x >> 3 }}"', "DEF_EXPRESSION 4:33"],
  ])("in %s", (_, field, expected) => {
    const run = field.startsWith("run") ? "" : "\n    run: x";
    expect(codes(`steps:\n  - { id: a, run: x }\n  - id: b\n    ${field}${run}\n`)).toEqual([expected]);
  });

  test("a place behind a fold is exact too", () => {
    expect(codes("steps:\n  - id: a\n    run: >\n      {{ input.a }}\n      and {{ $zzz.b }}\n")).toEqual(["DEF_UNKNOWN_STEP 5:14"]);
  });
});

describe("what schemas tell before a run", () => {
  const typed = (field: string): string => `input: { load: { type: number }, grade: { enum: [M20, M25], type: string } }
steps:
  - { id: a, run: "{{ input.load }} {{ input.grade }}", output: { type: object, properties: { n: { type: integer }, list: { type: array, items: { type: object, properties: { x: { type: string } }, additionalProperties: false } } }, additionalProperties: false } }
  - id: b
    run: x
    ${field}
`;
  test.each([
    ["when: input.laod > 3", ["DEF_UNKNOWN_NAME The input has no `laod`: its schema does not allow other names."]],
    ["when: input.load.x > 3", ["DEF_UNKNOWN_NAME `load` of the input has no `x`: it is a number, which has no `x`."]],
    ["when: $a.m > 3", ["DEF_UNKNOWN_NAME The output of `a` has no `m`: its schema does not allow other names."]],
    ["when: $a.list[0].y == 'a'", ["DEF_UNKNOWN_NAME `list.0` of the output of `a` has no `y`: its schema does not allow other names."]],
    ["when: $a.n > 'x'", ["DEF_COMPARE `>` cannot compare a number with a text."]],
    ["when: $a.n == 'x'", ["DEF_COMPARE `==` is always false here: it compares a number with a text."]],
    ["when: input.grade == 'M50'", ["DEF_COMPARE `==` is always false here: 'M50' is none of ['M20', 'M25']."]],
    ["when: input.load", ["DEF_COMPARE A condition is true or false; this is always a number."]],
    ["when: NOT input.grade", ["DEF_COMPARE `NOT` takes true or false; this is always a text."]],
    ["when: input.grade + 1 > 2", ["DEF_COMPARE `+` calculates with numbers; this is always a text. Texts are joined with `~`."]],
    ["when: input.load in input.load", ["DEF_COMPARE `IN` looks into a list, a text or a map; here it looks into a number."]],
    ["when: steps.a.statsu == 'failed'", ["DEF_UNKNOWN_NAME A step has no `statsu`."]],
    ["when: laod > 3", ["DEF_UNKNOWN_NAME There is no `laod`."]],
    ["when: env.HOME == 'x'", ["DEF_UNKNOWN_NAME The variable `HOME` is not declared."]],
    ["when: item.value == 'x'", ["DEF_FAN_OUT `item` exists only in a step with `for_each` or `matrix`."]],
    ["when: (input.load ?? 3) > 2 AND $a.n + 1 > 2 AND input.grade in ['M20'] AND steps.a.attempts < 3", []],
  ])("%s", (field, expected) => {
    expect(checked(typed(field)).findings.map(({ code, message }) => `${code} ${message}`)).toEqual(expected);
  });

  test("reading from a step that may be skipped needs a default where the reader goes on", () => {
    const text = (read: string, join: string): string =>
      steps("{ id: a, run: x, when: input.a }", `{ id: b, run: "{{ ${read} }}", join: ${join} }`);
    expect(codes(text("$a.n", "all_success"))).toEqual([]);
    expect(codes(text("$a.n", "none_failed"))).toEqual(["DEF_MAYBE_MISSING 3:23"]);
    expect(codes(text("$a.n ?? 1", "none_failed"))).toEqual([]);
  });

  test("what does nothing is a warning", () => {
    expect(
      codes(`input: { a: string, b: string }
use: { retry: { net: 3 } }
defaults: { template: { timeout: 1s } }
steps:
  - { id: a, run: "{{ input.a }}", when: 1 > 2 }
  - { id: b, run: x, needs: a, side_effect: none }
`),
    ).toEqual(["DEF_UNUSED 1:21", "DEF_UNUSED 2:17", "DEF_UNUSED 3:13", "DEF_UNREACHABLE 5:11", "DEF_UNREACHABLE 6:11", "DEF_UNUSED 6:11"]);
  });
});

describe("policies", () => {
  test("a number, a name or a map of retries", () => {
    const { steps: list } =
      compiled(`use: { retry: { net: { max: 5, base: 1s, on: [transient], exit_codes: [75] } }, timeout: { short: 10s } }
steps:
  - { id: a, run: x, retry: 2, timeout: 1m30s }
  - { id: b, run: x, retry: net, timeout: short }
  - { id: c, run: x, retry: { strategy: fixed }, timeout: { after: 5, then: fallback, value: { n: "{{ $a.n }}" }, grace: 1s } }
`);
    expect(list.map(({ retry, timeout }) => [retry.max, retry.strategy, retry.baseMs, timeout?.afterMs, timeout?.graceMs])).toEqual([
      [2, "exponential", 2000, 90_000, 5000],
      [5, "exponential", 1000, 10_000, 5000],
      [6, "fixed", 2000, 5000, 1000],
    ]);
    expect(list[1]?.retry).toMatchObject({ on: ["transient"], exitCodes: [75] });
    // biome-ignore lint/suspicious/noThenProperty: the author's word
    expect(list[2]?.timeout).toMatchObject({ then: "fallback", value: { kind: "map" } });
    expect(list[2]?.needs[0]?.because[0]?.field).toBe("timeout.value.n");
  });

  test("`retry: never` and a policy without retries are told from a step that says nothing (I-17)", () => {
    const list = compiled(`use: { retry: { none: { max: 0 }, never: 3 } }
steps:
  - { id: a, run: x }
  - { id: b, run: x, retry: never }
  - { id: c, run: x, retry: 0 }
  - { id: d, run: x, retry: none }
  - { id: e, run: x, retry: 1 }
`).steps;
    expect(list.map(({ retry }) => [retry.max, retry.never])).toEqual([
      [0, false],
      [0, true],
      [0, true],
      [0, true],
      [1, false],
    ]);
  });

  test("an unknown name and an unusable pattern are errors", () => {
    const text =
      "use: { retry: { net: 3 } }\nsteps:\n  - { id: a, run: x, retry: nte }\n  - { id: b, run: x, timeout: soon }\n  - { id: c, run: x, retry: { match: '(' } }\n";
    expect(codes(text)).toEqual(["DEF_UNKNOWN_POLICY 3:29", "DEF_UNKNOWN_POLICY 4:31", "DEF_SCHEMA 5:38"]);
  });

  test("defaults by type fill what a step leaves open; variables are joined", () => {
    const { steps: list } = compiled(
      "defaults: { shell: { timeout: 2m, env: { A: d, B: d } } }\nsteps:\n  - { id: a, run: x, env: { B: own } }\n  - { id: b, run: x, timeout: 1m }\n",
    );
    expect(list.map(({ timeout, env }) => [timeout?.afterMs, Object.keys(env), env.B])).toEqual([
      [120_000, ["A", "B"], { kind: "literal", value: "own" }],
      [60_000, ["A", "B"], { kind: "literal", value: "d" }],
    ]);
  });
});

describe("schemas in a workflow", () => {
  test("the shorthand becomes a schema: names without a default are required", () => {
    expect(
      compiled(
        'input: { load: { type: number, default: 1 }, grade: string, note: { type: string, required: false } }\nsteps: [{ id: a, run: "{{ input | json }}" }]\n',
      ).inputSchema,
    ).toEqual({
      type: "object",
      properties: { load: { type: "number", default: 1 }, grade: { type: "string" }, note: { type: "string" } },
      required: ["grade"],
      additionalProperties: false,
    });
  });

  test("names that are also keywords belong to the shorthand when they hold maps", () => {
    expect(
      compiled('input: { type: { type: string }, properties: { type: object } }\nsteps: [{ id: a, run: "{{ input | json }}" }]\n')
        .inputSchema,
    ).toMatchObject({ required: ["type", "properties"] });
  });

  test("a bad schema is told at the keyword that is wrong", () => {
    expect(told("input: { type: object, properties: { a: { type: nubmer } } }\nsteps: [{ id: a, run: x }]\n")[0]).toContain(
      "DEF_BAD_SCHEMA 1:49",
    );
    expect(codes('input: { a: { pattern: "(" } }\nsteps: [{ id: a, run: x }]\n')[0]).toBe("DEF_BAD_SCHEMA 1:8");
    expect(codes("input: { a: 3 }\nsteps: [{ id: a, run: x }]\n")).toEqual(["DEF_BAD_SCHEMA 1:13"]);
  });

  test("the run's output may have a schema", () => {
    const workflow = compiled("output: { values: { n: '{{ $a.n }}' }, schema: { n: number } }\nsteps: [{ id: a, run: x }]\n");
    expect(workflow.outputSchema).toMatchObject({ required: ["n"] });
    expect(Object.keys(workflow.output ?? {})).toEqual(["n"]);
  });
});

describe("files", () => {
  const text = (path: string): string => steps(`{ id: a, type: template, template_file: "${path}" }`);
  test("are inlined, so that the hash covers them", () => {
    const read = (body: string): CompiledWorkflow => compile(text("t/a.txt"), { ...options, readFile: () => body });
    expect(read("Hello {{ run.id }}").steps[0]?.config.template).toMatchObject({ kind: "template", source: "Hello {{ run.id }}" });
    expect(read("a").hash).not.toBe(read("b").hash);
  });

  test.each(["/etc/passwd", "../x", "a/../../x", "C:/x", "a\\\\b", ""])("S-15: %j is refused before anything is read", (path) => {
    const readFile = (): string => expect.unreachable();
    expect(check(text(path), { ...options, readFile }).workflow).toBeNull();
  });

  test("a missing file is told", () => {
    const readFile = (): string => {
      throw Object.assign(new Error("no"), { code: "ENOENT" });
    };
    expect(check(text("a.txt"), { ...options, readFile }).findings[0]).toMatchObject({
      code: "DEF_FILE",
      line: 2,
      message: "The file `a.txt` cannot be used: it does not exist.",
    });
  });
});

describe("step types", () => {
  test("their own checks are findings too", () => {
    expect(checked(steps("{ id: a, type: assert }")).findings[0]).toMatchObject({ code: "ASSERT_EMPTY", severity: "error" });
  });

  test("a switch case that nearly names a step is a warning, any other text is a value", () => {
    expect(
      codes(steps("{ id: build, run: x }", "{ id: s, type: switch, cases: [{ when: input.a, do: biuld }], default: nothing_at_all }")),
    ).toEqual(["DEF_UNKNOWN_STEP 3:57"]);
  });

  test("names of functions stand for module and export", () => {
    expect(
      compiled("functions: { design: ./lib.mjs#design }\nsteps: [{ id: a, call: design }, { id: b, call: other }]\n").steps.map(
        ({ config }) => config.call,
      ),
    ).toEqual([
      { kind: "literal", value: "./lib.mjs#design" },
      { kind: "literal", value: "other" },
    ]);
  });
});
