import { describe, expect, test } from "vitest";
import { builtInStepTypes } from "../../test/support/step-types.ts";
import type { Json } from "../core/json.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import { check, compile, recompile } from "./compile.ts";
import { formatDocument } from "./format.ts";
import { initWorkflow, starters } from "./starters.ts";

const options = { file: "seed.json", stepTypes: builtInStepTypes };
const base = { deliverable_type: "foundation design" };
const step = (number: number, more: object = {}): object => ({
  step_number: number,
  step_name: `Step number ${number}`,
  function_to_call: "f",
  ...more,
});
const compiled = (...list: object[]): CompiledWorkflow => compile(JSON.stringify({ ...base, workflow_steps: list }), options);
const codes = (document: object): string[] =>
  check(JSON.stringify(document, null, 1), options).findings.map(({ code, severity, path }) => `${severity} ${code} ${path}`);

describe("the seed dialect", () => {
  test("names steps by their name or number, and both lead to the step", () => {
    const workflow = compiled(
      step(1, { step_name: "design", output_variable: "d" }),
      step(2, { input_mapping: { a: "$step1.d", b: "$design.x", c: "$input.y", d: "$context.z", e: "text $5", f: ["$step1.x[0]"] } }),
    );
    expect(workflow).toMatchObject({ dialect: "seed", name: "foundation_design" });
    expect(workflow.steps.map(({ id, number, title, join }) => [id, number, title, join])).toEqual([
      ["design", 1, null, "none_failed"],
      ["step2", 2, "Step number 2", "none_failed"],
    ]);
    expect(workflow.indexOf.get("step1")).toBe(0);
    expect(workflow.steps[1]?.needs[0]?.because.map(({ field, text }) => `${field} ${text}`)).toEqual([
      "with.a $step1.d",
      "with.b $design.x",
      "with.f[0] $step1.x[0]",
    ]);
    expect(workflow.steps[1]?.config.with).toMatchObject({
      entries: { c: { source: "{{ $input.y }}" }, e: { kind: "literal", value: "text $5" } },
    });
  });

  test("carries over condition, time limit and error handling", () => {
    const [one, two, three] = compiled(
      step(1, { condition: "$input.a > 1", timeout_seconds: 2.5, error_handling: { retry_count: 3, on_error: "fail" } }),
      step(2, { error_handling: { retry_count: 1, retry_delay_seconds: 4, on_error: "skip" }, depends_on: [1] }),
      step(3, { timeout_seconds: 1, error_handling: { on_timeout: "fallback", fallback_value: { x: 1 } }, condition: null }),
    ).steps;
    expect(one).toMatchObject({
      when: { source: "$input.a > 1" },
      timeout: { afterMs: 2500 },
      retry: { max: 3 },
      optional: false,
    });
    expect(two).toMatchObject({ optional: true, retry: { max: 1, baseMs: 4000 }, needs: [{ from: 0 }], timeout: null });
    expect(three).toMatchObject({ when: null, timeout: { afterMs: 1000, value: { kind: "literal", value: { x: 1 } } } });
  });

  test("says what becomes of a fallback", () => {
    expect(codes({ ...base, workflow_steps: [step(1, { error_handling: { on_error: "fallback", fallback_value: 1 } })] })).toEqual([
      "warning DEF_FALLBACK workflow_steps[0].error_handling.on_error",
    ]);
  });

  test("reads null from a step that was skipped", () => {
    expect(compiled(step(1, { condition: "$input.a" }), step(2, { input_mapping: { x: "$step1.y" } })).steps[1]?.config.with).toMatchObject(
      { entries: { x: { source: "{{ $step1.y ?? null }}" } } },
    );
  });

  test("gives each step's variable as the run's output", () => {
    const { output, outputSchema } = compile(
      JSON.stringify({ ...base, output_schema: { type: "object" }, workflow_steps: [step(1, { output_variable: "d" })] }),
      options,
    );
    expect(output).toMatchObject({ d: { source: "{{ steps.step1.output.d ?? null }}" } });
    expect(outputSchema).toMatchObject({ type: "object" });
  });

  test("passes over what only describes, but not what looks misspelt or guards", () => {
    expect(codes({ ...base, version: 2, discipline: "civil", workflow_steps: [step(1, { persona: "designer" })] })).toEqual([]);
    expect(codes({ ...base, reviewers: ["x"], workflow_steps: [step(1, { colour: "red" })] })).toEqual([
      "warning DEF_UNKNOWN_KEY reviewers",
      "warning DEF_UNKNOWN_KEY workflow_steps[0].colour",
    ]);
    expect(codes({ ...base, worfklow_step: [], workflow_steps: [step(1, { functon_to_call: "f" })] })).toEqual([
      "error DEF_UNKNOWN_KEY worfklow_step",
      "error DEF_UNKNOWN_KEY workflow_steps[0].functon_to_call",
    ]);
    expect(codes({ ...base, risk_rules: [], workflow_steps: [step(1)] })).toEqual(["error DEF_NOT_YET risk_rules"]);
  });

  test("tells its own paths and places", () => {
    const text = JSON.stringify({ ...base, workflow_steps: [step(1, { input_mapping: { load: "$stpe2.x" } })] }, null, 2);
    const [found] = check(text, options).findings;
    const line = text.split("\n").findIndex((one) => one.includes("$stpe2")) + 1;
    expect(found).toMatchObject({
      code: "DEF_UNKNOWN_STEP",
      path: "workflow_steps[0].input_mapping.load",
      line,
      column: (text.split("\n")[line - 1] ?? "").indexOf("$") + 1,
    });
  });

  test("refuses a name that contradicts a number", () => {
    expect(codes({ ...base, workflow_steps: [step(1, { step_name: "step2" }), step(3)] })).toContain(
      "error DEF_STEP_NUMBER workflow_steps[0].step_number",
    );
  });

  test("is the same in YAML, and compiles again from what is stored", () => {
    const json = initWorkflow("seed")?.text ?? "";
    const workflow = compile(json, options);
    const yaml = formatDocument(json, { ...options, syntax: "yaml" });
    expect(compile(yaml, options).hash).toBe(workflow.hash);
    const again = recompile(JSON.parse(JSON.stringify(workflow.document)), workflow.hash, options);
    expect(meaning(again)).toEqual(meaning(workflow));
  });
});

/** All that a run depends on. */
function meaning({ steps, inputSchema, output, name }: CompiledWorkflow): Json {
  const drop = ["place", "at", "source", "title"];
  return JSON.parse(JSON.stringify({ steps, inputSchema, output, name }, (key, value) => (drop.includes(key) ? undefined : value)));
}

describe("fmt", () => {
  test("keeps every field, and says `needs` in `finally` and in handlers too", () => {
    const text =
      "steps:\n  - { id: a, run: x, for_each: [ 1 ], catch: [ { do: [ { id: h, run: x, depends: [] } ] } ], compensate: { run: y } }\n  - { id: i, include: x.yaml, depends_on: a }\nfinally:\n  - { id: z, run: x, dependencies: [ y ] } # last\n  - { id: y, run: x }\n";
    expect(formatDocument(text, options)).toBe(
      text.replace("depends:", "needs:").replace("depends_on:", "needs:").replace("dependencies:", "needs:"),
    );
  });

  test("the seed dialect becomes the other one and comes back, with the same meaning", () => {
    const seed = initWorkflow("seed")?.text ?? "";
    const troupe = formatDocument(seed, { ...options, dialect: "troupe", syntax: "yaml" });
    expect(troupe).toContain("apiVersion: troupe/v1");
    expect(troupe).toContain("call: ./functions.mjs#design");
    expect(meaning(compile(troupe, options))).toEqual(meaning(compile(seed, options)));
    const back = formatDocument(troupe, { ...options, dialect: "seed", syntax: "json" });
    expect(JSON.parse(back)).toMatchObject({
      deliverable_type: "foundation_design",
      workflow_steps: [
        { step_number: 1, function_to_call: "./functions.mjs#design", input_mapping: { load: "$input.axial_load_dead" } },
        { condition: "$step1.area > 4 AND $input.concrete_grade != 'M20'" },
      ],
    });
    expect(meaning(compile(back, options))).toEqual(meaning(compile(seed, options)));
  });

  test("comments stay, aliases become needs, and a second time changes nothing", () => {
    const text = "# top\nname:   x\nsteps:\n# first\n- id: a   # why\n  run: make\n\n- {id: b, run: x, depends_on: [a]}\n";
    const once = formatDocument(text, options);
    expect(once).toBe("# top\nname: x\nsteps:\n  # first\n  - id: a # why\n    run: make\n\n  - { id: b, run: x, needs: [ a ] }\n");
    expect(formatDocument(once, options)).toBe(once);
    expect(compile(once, options).hash).toBe(compile(text, options).hash);
  });

  test("what the other dialect cannot say is told at its place", () => {
    const fail = (text: string): unknown => {
      try {
        return formatDocument(text, { ...options, dialect: "seed" });
      } catch (thrown) {
        return (thrown as { errors: { code: string; message: string }[] }).errors.map(({ code, message }) => `${code} ${message}`);
      }
    };
    expect(fail("name: x\nsteps: [{ id: a, run: make }]\n")).toEqual([
      "DEF_NOT_EXPRESSIBLE The seed dialect cannot say steps of type shell.",
      "DEF_NOT_EXPRESSIBLE The seed dialect cannot say `run`.",
    ]);
    expect(fail('name: x\nsteps: [{ id: a, call: f, with: { x: "{{ input.a + 1 }}" } }]\n')).toEqual([
      "DEF_NOT_EXPRESSIBLE The seed dialect cannot say an expression that is more than a path.",
    ]);
  });
});

test.each(starters.map((starter) => [starter.name, starter] as const))("the starter %s compiles without a finding", (_, { text, file }) => {
  expect(check(text, { ...options, file }).findings).toEqual([]);
});
