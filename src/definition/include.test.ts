import { describe, expect, test } from "vitest";
import { builtInStepTypes } from "../../test/support/step-types.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { CheckResult } from "./check-result.ts";
import { check, compile, recompile } from "./compile.ts";

const files: Readonly<Record<string, string>> = {
  "lib/deploy.yaml": `name: deploy
input: { region: string, size: { type: number, default: 3 }, tags: { type: array, required: false } }
output: { url: "https://{{ $start.host }}/{{ input.region }}", size: "{{ input.size }}" }
use: { retry: { net: { max: 4 } }, timeout: { short: 10s } }
defaults: { shell: { timeout: short, env: { BY: "{{ input.region }}" } } }
env: { COMMON: "{{ input.size }}" }
functions: { pick: ./pick.ts#pick }
steps:
  - { id: choose, number: 1, call: pick, with: { all: "{{ input }}", tag: "{{ input.tags[0] ?? 'none' }}" } }
  - id: start
    run: ./start {{ input.region }} {{ $step1.zone }}
    retry: net
    when: input.size > 2
    catch: [{ match: { when: error.exitCode == 3 }, do: [{ id: calm, run: "echo {{ steps.start.error.title }}" }] }]
    compensate: { run: "./stop {{ input.region }}" }
  - { id: text, type: template, needs: start, template_file: note.txt, path: note.md }
  - { id: route, cases: [{ when: input.size > 5, do: big }], default: start_not }
  - { id: big, run: x }
`,
  "lib/note.txt": "{% for region in ['a'] %}{{ region }} {{ input.region }}{% endfor %}",
  "self.yaml": "steps: [{ id: a, include: self.yaml }]",
  "ping.yaml": "steps: [{ id: a, include: pong.yaml }]",
  "pong.yaml": "steps: [{ id: a, include: ping.yaml }]",
  "bad.yaml": "steps:\n  - { id: a, run: x, tiemout: 3 }\n",
  "late.yaml": "timeout: 3s\nsteps: [{ id: a, run: x }]\n",
  "loop.yaml": "input: { a: string }\nsteps: [{ id: a, template: '{% for steps in [1] %}{{ input.a }}{% endfor %}' }]\n",
  "outer.yaml":
    "input: { n: number }\noutput: { n: '{{ $in.size }}' }\nsteps: [{ id: in, include: lib/deploy.yaml, with: { region: x, size: '{{ input.n }}' } }]\n",
};
const options = {
  file: "/w/sample.yaml",
  stepTypes: builtInStepTypes,
  readFile: (path: string): string => files[path] ?? expect.fail(`no file ${path}`),
};
const checked = (text: string): CheckResult => check(text, options);
const told = (text: string): string[] =>
  checked(text).findings.map(({ code, file, line, column, message }) => `${code} ${file.replace("/w/", "")}:${line}:${column} ${message}`);
const compiled = (text: string): CompiledWorkflow => compile(text, options);
const data = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const main = `name: main
input: { where: string }
output: { url: "{{ $eu.url }}", status: "{{ steps.eu__start.status }}" }
steps:
  - { id: build, run: make }
  - id: eu
    include: lib/deploy.yaml
    needs: build
    when: input.where != "us"
    with: { region: "{{ input.where }}-1", tags: ["{{ $build.tag }}"] }
  - { id: done, needs: eu, run: "echo {{ $eu.url }}" }
`;

describe("an included workflow", () => {
  const workflow = compiled(main);
  const byId = Object.fromEntries((workflow.document.steps as { id: string }[]).map((step) => [step.id, data(step)]));

  test("stands under names of its own, its input bound and its document written into its steps", () => {
    expect(Object.keys(byId)).toEqual(["build", "eu__choose", "eu__start", "eu__text", "eu__route", "eu__big", "done"]);
    expect(byId.eu__choose).toEqual({
      id: "eu__choose",
      type: "function",
      call: "./pick.ts#pick",
      with: {
        all: '{{ {"region": input.where ~ "-1", "tags": [steps.build.output.tag], "size": 3} }}',
        tag: '{{ [steps.build.output.tag][0] ?? "none" }}',
      },
      needs: ["build"],
      when: 'input.where != "us"',
      env: { COMMON: "{{ 3 }}" },
    });
    expect(byId.eu__start).toEqual({
      id: "eu__start",
      type: "shell",
      run: './start {{ input.where ~ "-1" }} {{ steps.eu__choose.output.zone }}',
      retry: { max: 4 },
      when: 'input.where != "us" AND 3 > 2',
      timeout: "10s",
      env: { COMMON: "{{ 3 }}", BY: '{{ input.where ~ "-1" }}' },
      needs: ["build"],
      catch: [
        {
          match: { when: "error.exitCode == 3" },
          do: [
            {
              id: "eu__calm",
              type: "shell",
              run: "echo {{ steps.eu__start.error.title }}",
              timeout: "10s",
              env: { COMMON: "{{ 3 }}", BY: '{{ input.where ~ "-1" }}' },
            },
          ],
        },
      ],
      compensate: {
        id: "eu__start__compensate",
        type: "shell",
        run: './stop {{ input.where ~ "-1" }}',
        timeout: "10s",
        env: { COMMON: "{{ 3 }}", BY: '{{ input.where ~ "-1" }}' },
      },
    });
    expect(byId.eu__text).toMatchObject({
      template: '{% for region in ["a"] %}{{ region }} {{ input.where ~ "-1" }}{% endfor %}',
      needs: ["eu__start"],
    });
    expect(byId.eu__route).toMatchObject({ cases: [{ when: "3 > 5", do: "eu__big" }], default: "start_not" });
  });

  test("ends with the steps that nothing in it waits for, and gives its output", () => {
    const done = workflow.steps[workflow.indexOf.get("done") ?? 0];
    expect(done?.needs.map(({ from }) => workflow.steps[from]?.id)).toEqual(
      ["build", "eu__start", "eu__text", "eu__big", "eu__calm"].filter((id) => id !== "build"),
    );
    expect(byId.done).toMatchObject({
      run: 'echo {{ "https://" ~ steps.eu__start.output.host ~ "/" ~ (input.where ~ "-1") }}',
    });
  });

  test("compiles again without its file", () => {
    const again = recompile(data(workflow.document) as never, workflow.hash, options);
    expect(again.steps.map(({ id, needs }) => [id, needs.map(({ from }) => from)])).toEqual(
      workflow.steps.map(({ id, needs }) => [id, needs.map(({ from }) => from)]),
    );
    expect(compile(workflow.document, { ...options, readFile: () => expect.unreachable() }).hash).toBe(workflow.hash);
  });

  test("may include others", () => {
    const deep = compiled("steps: [{ id: o, include: outer.yaml, with: { n: 7 } }, { id: p, run: 'x {{ $o.n }}' }]\n");
    expect(deep.steps.map(({ id }) => id)).toContain("o__in__start__compensate");
    expect(deep.steps[deep.indexOf.get("p") ?? 0]?.config.run).toMatchObject({ source: "x {{ 7 }}" });
  });
});

test.each([
  [
    "itself",
    "{ id: a, include: self.yaml }",
    ["DEF_INCLUDE self.yaml:1:27 The workflow `self.yaml` cannot be included: it includes itself: self.yaml → self.yaml."],
  ],
  [
    "each other",
    "{ id: a, include: ping.yaml }",
    ["DEF_INCLUDE pong.yaml:1:27 The workflow `ping.yaml` cannot be included: it includes itself: ping.yaml → pong.yaml → ping.yaml."],
  ],
  ["an error", "{ id: a, include: bad.yaml }", ["DEF_UNKNOWN_KEY bad.yaml:2:22 Step `a` (shell) has no key `tiemout`."]],
  [
    "what a run has",
    "{ id: a, include: late.yaml }",
    ["DEF_INCLUDE sample.yaml:1:27 The workflow `late.yaml` cannot be included: it says `timeout`, which only a run as a whole has."],
  ],
  [
    "a path outside",
    "{ id: a, include: ../x.yaml }",
    ["DEF_INCLUDE sample.yaml:1:27 The workflow `../x.yaml` cannot be included: it leads out of the directory."],
  ],
  ["an unknown key", "{ id: a, include: bad.yaml, retry: 3 }", ["DEF_UNKNOWN_KEY sample.yaml:1:37 Step `a` (include) has no key `retry`."]],
  [
    "a missing input",
    "{ id: a, include: lib/deploy.yaml }",
    ["DEF_INCLUDE sample.yaml:1:27 The workflow `lib/deploy.yaml` cannot be included: its input `region` is missing."],
  ],
  [
    "an unknown input",
    "{ id: a, include: lib/deploy.yaml, with: { region: x, sise: 3 } }",
    ["DEF_INCLUDE sample.yaml:1:69 The workflow `lib/deploy.yaml` cannot be included: its input has no `sise`."],
  ],
  [
    "a wrong input",
    "{ id: a, include: lib/deploy.yaml, with: { region: 3 } }",
    ["DEF_INCLUDE sample.yaml:1:60 The workflow `lib/deploy.yaml` cannot be included: region: Value 3 is not of type string."],
  ],
  [
    "a name that means something else",
    "{ id: a, include: loop.yaml, with: { a: '{{ steps.b.output.x }}' } }, { id: b, run: x }",
    [
      "DEF_INCLUDE sample.yaml:1:27 The workflow `loop.yaml` cannot be included: one of its templates gives the name `steps` to something else, and `with` reads `steps`.",
    ],
  ],
  [
    "an unknown output",
    "{ id: a, include: lib/deploy.yaml, with: { region: x } }, { id: b, run: 'x {{ $a.ulr }}' }",
    ["DEF_UNKNOWN_NAME sample.yaml:1:81 `steps.a.output.ulr` is nothing that the workflow included as `a` gives."],
  ],
])("what cannot be included is told: %s", (_, steps, expected) => {
  expect(told(`steps: [${steps}]\n`)).toEqual(expected);
});
