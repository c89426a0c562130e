/** The first workflows that `troupe init` writes. Each is run by a test, so that nobody's first file is broken. */
export interface Starter {
  readonly name: string;
  /** One line for `troupe init --list`. */
  readonly summary: string;
  /** File name, relative to the directory that is set up. */
  readonly file: string;
  readonly text: string;
}

const SCHEMA = "# yaml-language-server: $schema=https://unpkg.com/troupe/schema/workflow.v1.schema.json";

const hello = `${SCHEMA}
apiVersion: troupe/v1
name: hello
input:
  who: { type: string, default: world }
output:
  greeting: "{{ steps.greet.output }}"

steps:
  - id: greet
    run: echo "Hello, {{ input.who }}!"
    stdout: text
    output: { type: string }

  - id: check
    check: steps.greet.output matches "^Hello"
    message: The greeting went missing.
`;

const pipeline = `${SCHEMA}
apiVersion: troupe/v1
name: pipeline
title: Lint, test and build, then report
input:
  strict: { type: boolean, default: false }
use:
  retry:
    flaky: { max: 2, base: 1s }
defaults:
  shell: { timeout: 10m }
output:
  report: "{{ steps.report.output }}"

steps:
  # These two need nothing from each other, so they run at the same time.
  - id: lint
    run: |
      echo "linting"
      echo '{"warnings": 0}' > "$TROUPE_OUTPUT"
    output: { warnings: integer }

  - id: test
    run: |
      echo "testing"
      echo '{"passed": 12, "failed": 0}' > "$TROUPE_OUTPUT"
    retry: flaky
    output: { passed: integer, failed: integer }

  # An expression that names a step makes this one wait for it.
  - id: gate
    checks:
      - check: steps.test.output.failed == 0
        message: "{{ steps.test.output.failed }} tests failed."
      - check: NOT input.strict OR steps.lint.output.warnings == 0
        message: Warnings are errors in strict mode.
    type: assert

  - id: build
    needs: gate
    run: echo "building"

  - id: report
    type: template
    needs: build
    template: |
      # Report
      - tests passed: {{ steps.test.output.passed }}
      {% if steps.lint.output.warnings > 0 %}
      - warnings: {{ steps.lint.output.warnings }}
      {% endif %}
`;

const seed = `{
  "deliverable_type": "foundation_design",
  "display_name": "Foundation design",
  "input_schema": {
    "type": "object",
    "properties": {
      "axial_load_dead": { "type": "number", "minimum": 0, "maximum": 10000 },
      "concrete_grade": { "type": "string", "enum": ["M20", "M25", "M30"], "default": "M25" }
    },
    "required": ["axial_load_dead"]
  },
  "workflow_steps": [
    {
      "step_number": 1,
      "step_name": "initial_design",
      "function_to_call": "./functions.mjs#design",
      "input_mapping": { "load": "$input.axial_load_dead", "grade": "$input.concrete_grade" },
      "output_variable": "design",
      "timeout_seconds": 30,
      "error_handling": { "retry_count": 2, "on_error": "fail" }
    },
    {
      "step_number": 2,
      "step_name": "optimize",
      "function_to_call": "./functions.mjs#optimize",
      "input_mapping": { "design": "$step1.design" },
      "output_variable": "optimized",
      "condition": "$step1.area > 4 AND $input.concrete_grade != 'M20'"
    }
  ]
}
`;

export const starters: readonly Starter[] = [
  { name: "hello", summary: "One command and one check.", file: "hello.troupe.yaml", text: hello },
  { name: "pipeline", summary: "Steps side by side, retries, checks and a report.", file: "pipeline.troupe.yaml", text: pipeline },
  {
    name: "seed",
    summary: "A calculation in the seed dialect; needs a module with its functions.",
    file: "foundation-design.json",
    text: seed,
  },
];

/** The starter of a name; undefined if there is none. */
export function initWorkflow(name: string): Starter | undefined {
  return starters.find((starter) => starter.name === name);
}
