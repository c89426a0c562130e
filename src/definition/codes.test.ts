/** For each code that a definition can raise, the shortest text that raises it. */
import { expect, test } from "vitest";
import { builtInStepTypes } from "../../test/support/step-types.ts";
import { catalogue } from "../core/catalogue.ts";
import { check } from "./compile.ts";

const a = "{ id: a, run: x }";
const seed = (step: string): string =>
  `deliverable_type: x\nworkflow_steps: [{ step_number: 1, step_name: a, function_to_call: f, ${step} }]\n`;

const texts: readonly (readonly [code: string, text: string])[] = [
  ["DEF_SCHEMA", `steps: ${a}`],
  ["DEF_SYNTAX", "steps: ["],
  ["DEF_LIMIT", "[".repeat(2_000)],
  ["DEF_EMPTY", ""],
  ["DEF_ROOT", "[]"],
  ["DEF_DUPLICATE_KEY", "name: a\nname: b"],
  ["DEF_FORBIDDEN_KEY", "constructor: 1"],
  ["DEF_TAG", "name: !x y"],
  ["DEF_NUMBER", "timeout: .inf"],
  ["DEF_VERSION", "apiVersion: v2"],
  ["DEF_UNKNOWN_KEY", `step: []\nsteps: [${a}]`],
  ["DEF_NOT_YET", `budget: {}\nsteps: [${a}]`],
  ["DEF_UNKNOWN_TYPE", "steps: [{ id: a, type: sehll }]"],
  ["DEF_NO_TYPE", "steps: [{ id: a }]"],
  ["DEF_DUPLICATE_STEP", `steps: [${a}, ${a}]`],
  ["DEF_RESERVED_ID", "steps: [{ id: env, run: x }]"],
  ["DEF_STEP_NUMBER", "steps: [{ id: step1, run: x, number: 2 }]"],
  ["DEF_UNKNOWN_STEP", "steps: [{ id: a, run: x, needs: b }]"],
  ["DEF_SELF_REFERENCE", "steps: [{ id: a, run: x, needs: a }]"],
  ["DEF_CYCLE", "steps: [{ id: a, run: x, needs: b }, { id: b, run: x, needs: a }]"],
  ["DEF_EXPRESSION", "steps: [{ id: a, run: x, when: a b }]"],
  ["DEF_UNFINISHED", "steps: [{ id: a, run: x, when: a > }]"],
  ["DEF_UNKNOWN_NAME", "steps: [{ id: a, run: x, when: b }]"],
  ["DEF_UNKNOWN_POLICY", "steps: [{ id: a, run: x, retry: b }]"],
  ["DEF_COMPARE", "steps: [{ id: a, run: x, when: 1 < 'x' }]"],
  ["DEF_FILE", "steps: [{ id: a, type: template, template_file: b }]"],
  ["DEF_BAD_SCHEMA", `input: { a: { type: b } }\nsteps: [${a}]`],
  ["DEF_MAYBE_MISSING", "output: { x: '{{ $a.x }}' }\nsteps: [{ id: a, run: x, when: input.x }]"],
  ["DEF_UNUSED", `use: { retry: { b: 1 } }\nsteps: [${a}]`],
  ["DEF_UNREACHABLE", "steps: [{ id: a, run: x, when: false }]"],
  ["DEF_PHASE", "steps: [{ id: a, run: x, needs: b }]\nfinally: [{ id: b, run: x }]"],
  ["DEF_FAN_OUT", "steps: [{ id: a, run: x, key: b }]"],
  ["DEF_SECRET", "secrets: { t: { env: T } }\nsteps: [{ id: a, run: x, when: secrets.t == 'x' }]"],
  ["DEF_TRIGGER", `on: { schedule: [{ cron: "61 * * * *" }] }\nsteps: [${a}]`],
  ["DEF_INCLUDE", "steps: [{ id: a, include: b.yaml }]"],
  ["DEF_FALLBACK", seed("error_handling: { on_error: fallback, fallback_value: 1 }")],
];

test.each(texts)("%s", (code, text) => {
  const found = check(text, { file: "w.yaml", stepTypes: builtInStepTypes }).findings;
  expect(found.map((finding) => finding.code)).toContain(code);
  for (const { line, column, message, fix } of found) {
    expect(Math.min(line, column)).toBeGreaterThan(0);
    expect(message).not.toMatch(/[{]\w+[}]/);
    expect(fix).not.toBe("");
  }
});

/** Raised elsewhere, or by more than a text can say. */
const elsewhere = [
  "DEF_INVALID",
  "DEF_CONFLICTS",
  "DEF_AMBIGUOUS",
  "DEF_STEP",
  "DEF_NOT_EXPRESSIBLE",
  "DEF_ROUTER",
  "DEF_PROFILE",
  "DEF_POLICY",
  "DEF_NOTIFY",
];

test("no code is left out", () => {
  const codes = Object.keys(catalogue).filter((code) => code.startsWith("DEF_"));
  expect(codes.filter((code) => !texts.some(([known]) => known === code) && !elsewhere.includes(code))).toEqual([]);
});
