import { describe, expect, test } from "vitest";
import { builtInStepTypes } from "../../test/support/step-types.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import { check, compile, recompile } from "./compile.ts";

const options = { file: "sample.troupe.yaml", stepTypes: builtInStepTypes };
const compiled = (text: string): CompiledWorkflow => compile(text, options);
/** `CODE line:column message | fix` of every finding. */
const told = (text: string): string[] =>
  check(text, options).findings.map(
    ({ code, line, column, message, fix }) => `${code} ${line}:${column} ${message}${fix === null ? "" : ` | ${fix}`}`,
  );
const steps = (...lines: string[]): string => `steps:\n${lines.map((line) => `  - ${line}\n`).join("")}`;

const deploy = `name: deploy
secrets: { token: { env: DEPLOY_TOKEN }, key: { file: /run/secrets/key } }
profile: restricted
risk: [{ when: input.size > 10, score: 30, reason: It is large }]
input: { size: number, regions: { type: array } }
steps:
  - id: build
    run: make
    cache: { key: ["{{ input.size }}", 7], files: src/**, produces: [dist], env: CC, ttl: 7d, version: 2 }
    gate: tests
    tool: make
  - id: deploy
    for_each: "{{ input.regions }}"
    key: "{{ item.value }}"
    max_parallel: 2
    on_item_error: collect
    run: ./deploy {{ item.value }} {{ item.index }} {{ $build.file }}
    env: { TOKEN: "{{ secrets.token }}", KEY: "{{ item.key }}" }
    timeout: { after: 1m, then: fallback, value: { region: "{{ item.key }}" } }
    isolation: { merge: manual, base: "{{ $build.branch }}", discard: true }
    gate: { report: "{{ item.key }}.xml", format: junit, min_passed: 1, max_skipped: 2, coverage: 80, coverage_report: lcov.info }
    profile: agents
    compensate:
      run: ./undeploy {{ $build.file }}
      retry: 2
  - id: announce
    needs: deploy
    run: ./announce
    catch:
      - { match: { class: [transient, timeout], status: 503, tool: curl, code: EXIT_CODE, when: "error.exitCode == 3" }, do: skip }
      - { match: { code: NOPE }, do: { fallback: { said: "{{ error.title }}" } } }
      - do:
          - { id: apologise, run: "echo {{ steps.announce.error.title }}" }
          - { id: call_someone, run: x, needs: apologise }
  - id: report
    needs: announce
    run: x
  - id: tests
    matrix: { os: [linux, macos], node: "{{ input.regions }}", include: [{ os: windows, node: 24 }], exclude: [{ os: macos, node: 20 }] }
    run: ./test {{ item.value.os }}
finally:
  - { id: clean, run: "rm -rf x; echo {{ steps.report.status }}" }
  - { id: tell, run: "y {{ $clean.n }} {{ steps.deploy__compensate.status }}", needs: clean }
`;

describe("phases", () => {
  const workflow = compiled(deploy);
  const index = (id: string): number => workflow.indexOf.get(id) ?? -1;
  const step = (id: string) => workflow.steps[index(id)];
  const needs = (id: string): string[] =>
    (step(id)?.needs ?? []).map(({ from, because }) => `${workflow.steps[from]?.id} ${because.map(({ kind }) => kind).join("+")}`);

  test("handlers, compensations and `finally` stand behind the main steps, each with its phase", () => {
    expect(workflow.steps.map(({ id, phase }) => `${id} ${phase.kind}`)).toEqual([
      "build main",
      "deploy main",
      "announce main",
      "report main",
      "tests main",
      "apologise handler",
      "call_someone handler",
      "deploy__compensate compensation",
      "clean finally",
      "tell finally",
    ]);
    expect(step("apologise")?.phase).toEqual({ kind: "handler", of: 2, rule: 2 });
    expect(step("deploy__compensate")?.phase).toEqual({ kind: "compensation", of: 1 });
  });

  test("a handler waits for what it handles, and who needs that waits for the handlers too", () => {
    expect(needs("apologise")).toEqual(["announce reference+catch"]);
    expect(needs("call_someone")).toEqual(["announce catch", "apologise needs"]);
    expect(needs("report")).toEqual(["announce needs", "apologise catch", "call_someone catch"]);
    expect(step("apologise")?.dependents).toEqual([index("report"), index("call_someone")].sort((one, other) => one - other));
    expect(step("announce")?.catches[2]?.action).toEqual({ kind: "handle", steps: [5, 6] });
  });

  test("what compensations and `finally` read of other phases makes no edge", () => {
    expect(needs("deploy__compensate")).toEqual([]);
    expect(needs("clean")).toEqual([]);
    expect(needs("tell")).toEqual(["clean reference+needs"]);
  });

  test("policies around attempts are compiled", () => {
    expect(step("build")).toMatchObject({
      cache: {
        key: [{ kind: "text" }, { kind: "literal", value: 7 }],
        files: ["src/**"],
        produces: ["dist"],
        env: ["CC"],
        ttlMs: 604_800_000,
        version: "2",
      },
      gate: { report: null, format: "auto", minPassed: 0, maxFailed: 0, maxSkipped: null, coverage: null, allowEmpty: false },
      tool: { name: "make", needs: [], prefer: null },
      fanOut: null,
    });
    expect(step("deploy")).toMatchObject({
      fanOut: { over: { kind: "list", items: { kind: "text" } }, key: { kind: "text" }, maxParallel: 2, onItemError: "collect" },
      isolation: { worktree: true, merge: "manual", base: { kind: "text" }, discard: true },
      gate: {
        report: { kind: "text" },
        format: "junit",
        minPassed: 1,
        maxSkipped: 2,
        coverage: 80,
        coverageReport: { value: "lcov.info" },
      },
      profile: "agents",
    });
    expect(
      step("announce")?.catches.map(({ match, action }) => [match.classes, match.statuses, match.tools, match.codes, action.kind]),
    ).toEqual([
      [["transient", "timeout"], [503], ["curl"], ["EXIT_CODE"], "skip"],
      [null, null, null, ["NOPE"], "fallback"],
      [null, null, null, null, "handle"],
    ]);
    expect(step("tests")?.fanOut?.over).toMatchObject({
      kind: "matrix",
      axes: { os: { kind: "literal", value: ["linux", "macos"] }, node: { kind: "text" } },
      include: [{ kind: "literal", value: { os: "windows", node: 24 } }],
      exclude: [{ kind: "literal" }],
    });
    expect(step("deploy__compensate")?.retry.max).toBe(2);
    expect(workflow).toMatchObject({
      profile: "restricted",
      risk: [{ when: { kind: "condition" }, score: 30, reason: "It is large" }],
      secrets: { token: { kind: "env", name: "DEPLOY_TOKEN" }, key: { kind: "file", path: "/run/secrets/key" } },
    });
  });

  test("compiling its document again gives an equal workflow", () => {
    const again = recompile(JSON.parse(JSON.stringify(workflow.document)), workflow.hash, options);
    expect(withoutPlaces(again)).toEqual(withoutPlaces(workflow));
    const thrice = compile(workflow.document, options);
    expect(thrice.hash).toBe(workflow.hash);
    expect(withoutPlaces(thrice)).toEqual(withoutPlaces(workflow));
  });

  test("nothing is said about a workflow that is right", () => {
    expect(told(deploy)).toEqual([]);
  });
});

function withoutPlaces(workflow: CompiledWorkflow): unknown {
  return JSON.parse(JSON.stringify({ ...workflow, indexOf: [...workflow.indexOf] }, (key, value) => (key === "place" ? undefined : value)));
}

describe("what a phase cannot say", () => {
  test.each([
    [
      "a main step needs one of `finally`",
      `${steps("{ id: a, run: x, needs: b }")}finally: [{ id: b, run: x }]\n`,
      [
        "DEF_PHASE 2:29 `b` is a `finally` step: it runs when everything else has ended. | Move it to `steps`, or what reads it to `finally`.",
      ],
    ],
    [
      "a main step reads a handler",
      steps("{ id: a, run: x, catch: [{ do: [{ id: h, run: x }] }] }", '{ id: b, run: "{{ $h.n }}" }'),
      [
        "DEF_PHASE 3:23 `h` handles a failure: only the steps of the same `do` list can wait for it. | Read the step that it handles, which counts as skipped then, or read it in a `finally` step.",
      ],
    ],
    [
      "a main step reads a compensation",
      steps("{ id: a, run: x, compensate: { run: y } }", '{ id: b, run: "{{ steps.a__compensate.status }}" }'),
      [
        "DEF_PHASE 3:23 `a__compensate` runs after the main steps, when the run has failed or is canceled. | Only `finally` steps can read it.",
      ],
    ],
    [
      "`finally` needs a main step",
      `${steps("{ id: a, run: x }")}finally: [{ id: b, run: x, needs: a }]\n`,
      [
        "DEF_PHASE 3:35 `a` has ended, or never will, when this step begins, so nothing can wait for it. | Remove it from `needs`; `steps.a.status` tells what became of it.",
      ],
    ],
    [
      "a compensation needs, catches, and has a name",
      steps("{ id: a, run: x, compensate: { id: undo, run: y, needs: [a], catch: [{ do: skip }] } }"),
      [
        "DEF_PHASE 2:36 A compensation has no `id` of its own: this one is called `a__compensate`. | Remove the `id`.",
        "DEF_PHASE 2:54 A compensation has no `needs`: the step that ended last is compensated first. | Remove it.",
        "DEF_PHASE 2:66 A compensation has no `catch` of its own. | Remove it; `retry`, `optional` and `timeout` work here too.",
      ],
    ],
    [
      "the run's output reads `finally`",
      `output: { x: "{{ steps.b.status }}" }\n${steps("{ id: a, run: x }")}finally: [{ id: b, run: x }]\n`,
      [
        "DEF_PHASE 1:18 `b` is a `finally` step: it runs when everything else has ended. | Move it to `steps`, or what reads it to `finally`.",
      ],
    ],
    [
      "a switch leads into another list",
      `${steps("{ id: a, cases: [{ when: input.x, do: b }] }")}finally: [{ id: b, run: x }]\n`,
      ["DEF_PHASE 2:43 A `switch` chooses among the steps of its own list, and `b` is in another. | Move one of the two."],
    ],
    [
      "a handler waits for one who waits for it",
      steps("{ id: a, run: x, catch: [{ do: [{ id: h, run: x, needs: b }] }] }", "{ id: b, run: x, needs: a }"),
      [
        "DEF_CYCLE 3:29 Steps depend on each other in a circle: b → h → b. | Remove one of these: `b` needs `h` (line 3: `needs[0]`); `h` needs `b` (line 2: `needs[0]`).",
      ],
    ],
    [
      "an id is used twice, in two phases",
      `${steps("{ id: a, run: x, catch: [{ do: [{ id: b, run: x }] }] }")}finally: [{ id: b, run: x }]\n`,
      ["DEF_DUPLICATE_STEP 3:17 The id `b` is used by two steps. | The other one stands on line 2. Rename one of them."],
    ],
    [
      "an unknown key stands in a handler",
      steps("{ id: a, run: x, catch: [{ do: [{ id: b, run: x, tiemout: 3 }] }] }"),
      ["DEF_UNKNOWN_KEY 2:54 Step `b` (shell) has no key `tiemout`. | Did you mean `timeout`?"],
    ],
    [
      "a rule does what does not exist, or lacks its value",
      steps("{ id: a, run: x, catch: [{ do: skpi }, { mach: {}, do: fail }] }", "{ id: b, run: x }"),
      [
        "DEF_SCHEMA 2:36 catch[0].do: Value 'skpi' is none of fail, skip, fallback | Did you mean `skip`?",
        "DEF_UNKNOWN_KEY 2:46 `catch[1]` has no key `mach`. | Did you mean `match`?",
      ],
    ],
    [
      "a fallback has no value",
      steps("{ id: a, run: x, catch: [{ do: fallback }] }"),
      ["DEF_SCHEMA 2:30 catch[0]: `do: fallback` needs a `value` | Give the output that the step has then."],
    ],
  ])("%s", (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  test("reading an output that may not be there is a warning", () => {
    const text = (read: string): string =>
      `${steps("{ id: a, run: x, compensate: { run: 'y {{ $a.n }} {{ $b.n }}' } }", "{ id: b, run: x, catch: [{ do: skip }] }", "{ id: c, needs: b, join: all_done, run: 'x {{ $b.n }}' }")}finally: [{ id: d, run: "${read}" }]\n`;
    expect(told(text("{{ $a.n }}"))).toEqual([
      "DEF_MAYBE_MISSING 2:58 `b` may not have succeeded when this runs; then it has no output. | Give it a default: `{{ … ?? value }}`.",
      "DEF_MAYBE_MISSING 4:51 `b` may be skipped; then it has no output, and reading it is an error. | Give it a default: `{{ … ?? value }}`.",
      "DEF_MAYBE_MISSING 5:29 `a` may not have succeeded when a `finally` step runs; then it has no output, and reading it is an error. | Give it a default: `{{ … ?? value }}`.",
    ]);
    expect(told(text("{{ $a.n ?? 1 }}"))).toHaveLength(2);
  });
});

describe("a fan-out", () => {
  test.each([
    ["key: x", ["DEF_FAN_OUT `key` concerns the items of a fan-out, and this step has none."]],
    ["for_each: [1], matrix: { a: [1] }", ["DEF_FAN_OUT A step fans out over `for_each` or over `matrix`, not over both."]],
    ["for_each: abc", ["DEF_FAN_OUT `for_each` goes over a list or a map; this is a text."]],
    ['for_each: "{{ input.n }}"', ["DEF_FAN_OUT `for_each` goes over a list or a map; this is always a number."]],
    ['for_each: "{{ input.l }}{{ input.l }}"', ["DEF_FAN_OUT `for_each` goes over a list or a map; this is always a text."]],
    ['matrix: { a: "{{ input.m }}" }', ["DEF_FAN_OUT `matrix.a` goes over a list; this is always a map."]],
    ["matrix: { include: [] }", ["DEF_FAN_OUT A matrix without axes has no combinations."]],
    ["for_each: [1], when: item.index > 1", ["DEF_FAN_OUT `when` is read once, before there are items, so it cannot read `item`."]],
    ['for_each: "{{ item.value }}"', ["DEF_FAN_OUT `for_each` is read once, before there are items, so it cannot read `item`."]],
    ['env: { A: "{{ item.key }}" }', ["DEF_FAN_OUT `item` exists only in a step with `for_each` or `matrix`."]],
    ['for_each: [1], env: { A: "{{ item.vaule }}" }', ["DEF_UNKNOWN_NAME An item has no `vaule`: its schema does not allow other names."]],
    [
      'matrix: { os: [a] }, env: { A: "{{ item.value.so }}" }',
      ["DEF_UNKNOWN_NAME `value` of an item has no `so`: its schema does not allow other names."],
    ],
    ['matrix: { os: [a], include: [{ so: b }] }, env: { A: "{{ item.value.so }}" }', []],
    ['for_each: { a: 1 }, max_parallel: 3, on_item_error: fail, env: { A: "{{ item.value }}" }', []],
    ["max_paralel: 1, for_each: [1]", ["DEF_UNKNOWN_KEY Step `a` (shell) has no key `max_paralel`."]],
    ["for_each: [1], on_item_error: colect", ["DEF_SCHEMA on_item_error: Value 'colect' is not one of ['fail', 'collect']"]],
  ])("%s", (fields, expected) => {
    const text = `input: { n: number, l: array, m: object }\noutput: { all: "{{ input }}" }\nsteps: [{ id: a, run: x, ${fields} }]\n`;
    expect(check(text, options).findings.map(({ code, message }) => `${code} ${message}`)).toEqual(expected);
  });

  test("gives a list of results, known by key too", () => {
    const text = (read: string): string =>
      steps("{ id: a, run: x, for_each: [1, 2], output: { n: number } }", "{ id: p, run: x }", `{ id: b, run: "{{ ${read} }}" }`);
    const messages = (read: string): string[] => check(text(read), options).findings.map(({ message }) => message);
    expect(messages("steps.a.output[0].output.n")).toEqual([]);
    expect(messages("steps.a.by_key['1'].output.n")).toEqual([]);
    expect(messages("steps.a.by_key['1'].outptu.n")[0]).toContain("has no `outptu`");
    expect(messages("steps.a.output.n")).toEqual(["The output of `a` has no `n`: it is a list, which has no `n`."]);
    expect(messages("steps.p.by_key['1']")).toEqual(["A step has no `by_key`."]);
  });
});

describe("S-38: a secret is read only where nothing but an attempt sees it", () => {
  test.each([
    ["run: 'x {{ secrets.token }}'", []],
    ["run: x, stdin: '{{ secrets.token }}'", []],
    ["run: x, env: { A: 'Bearer {{ secrets.token }}' }", []],
    ["call: f, with: { a: '{{ secrets.token }}' }", []],
    [
      "type: shell, args: [x, '{{ secrets.token }}']",
      ["DEF_SECRET `args` of a shell step is recorded or shown, so it cannot hold a secret."],
    ],
    ["check: secrets.token == 'x'", ["DEF_SECRET `check` of an assert step is recorded or shown, so it cannot hold a secret."]],
    ["template: '{{ secrets.token }}'", ["DEF_SECRET `template` of a template step is recorded or shown, so it cannot hold a secret."]],
    ["run: x, when: secrets.token == 'x'", ["DEF_SECRET `when` is recorded or shown, so it cannot hold a secret."]],
    ["run: x, for_each: '{{ [secrets.token] }}'", ["DEF_SECRET `for_each` is recorded or shown, so it cannot hold a secret."]],
    ["run: x, cache: { key: '{{ secrets.token }}' }", ["DEF_SECRET `cache` is recorded or shown, so it cannot hold a secret."]],
    [
      "run: x, catch: [{ do: { fallback: '{{ secrets.token }}' } }]",
      ["DEF_SECRET `catch` is recorded or shown, so it cannot hold a secret."],
    ],
    ["run: 'x {{ secrets.tokne }}'", ["DEF_UNKNOWN_NAME There is no secret `tokne`."]],
    ["run: 'x {{ secrets[input.a] }}'", ["DEF_SECRET Secrets are read one by one, by a name that stands in the text."]],
  ])("%s", (fields, expected) => {
    const text = `secrets: { token: { env: T } }\nsteps: [{ id: a, ${fields} }]\n`;
    expect(check(text, options).findings.map(({ code, message }) => `${code} ${message}`)).toEqual(expected);
  });

  test("the run's output cannot hold one", () => {
    expect(told(`secrets: { t: { env: T } }\noutput: { x: "{{ secrets.t }}" }\n${steps("{ id: a, run: x }")}`)).toEqual([
      'DEF_SECRET 2:18 `output` is recorded or shown, so it cannot hold a secret. | Hand it to the step as a variable: `env: { T: "{{ secrets.t }}" }`.',
    ]);
  });
});
