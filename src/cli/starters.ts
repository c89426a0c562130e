/** First workflows that `troupe init` writes. Each is valid, runs as it stands, and shows one thing more than the one before. */

export interface Starter {
  readonly name: string;
  readonly summary: string;
  readonly text: string;
}

const HELLO = `# Run it with: troupe run hello.troupe.yaml -i name=Ada
apiVersion: troupe/v1
name: hello
input:
  name: { type: string, default: world }
output:
  greeting: "{{ steps.shout.output }}"

steps:
  # What a step writes to $TROUPE_OUTPUT, as JSON or as key=value lines, is its output.
  - id: greet
    run: printf 'text=Hello, %s!\\n' {{ input.name }} > "$TROUPE_OUTPUT"

  # A reference is an edge: this step waits for \`greet\`.
  - id: shout
    stdout: text
    run: printf '%s' {{ steps.greet.output.text }} | tr '[:lower:]' '[:upper:]'
`;

const PIPELINE = `# Run it with: troupe run pipeline.troupe.yaml -i release=true
apiVersion: troupe/v1
name: pipeline
title: Check, test, package, and perhaps publish
input:
  release: { type: boolean, default: false }
output:
  archive: "{{ steps.package.output.file }}"
  published: "{{ steps.publish.output ?? 'no' }}"

use:
  retry:
    patient: { max: 3, base: 2s }

steps:
  - id: lint
    run: echo "Put the command of your linter here."

  # Nothing refers to another step, so these two run side by side.
  - id: test
    timeout: 10m
    run: echo "Put the command of your tests here."

  - id: package
    needs: [lint, test]
    run: |
      echo "Put the command that builds here."
      echo "file=dist/package.tgz" > "$TROUPE_OUTPUT"

  # Skipped unless asked for. Never repeated without a person: nobody can know what a lost attempt had done.
  - id: publish
    when: input.release
    needs: [package]
    retry: patient
    side_effect: once
    stdout: text
    run: echo published {{ steps.package.output.file }}
`;

const CALCULATION = `# Run it with: troupe run calculation.troupe.yaml -i load=900
apiVersion: troupe/v1
name: calculation
title: Checked input, a condition, and a report
input:
  load: { type: number, minimum: 0, maximum: 10000, description: "Load in kN" }
  area: { type: number, minimum: 0.1, default: 4, description: "Area in square metres" }
output:
  pressure: "{{ steps.pressure.output }}"
  verdict: "{{ steps.reinforce.output ?? 'The ground carries it.' }}"

steps:
  - id: pressure
    stdout: json
    run: awk -v load={{ input.load }} -v area={{ input.area }} 'BEGIN { print load / area }'

  - id: plausible
    type: assert
    checks:
      - { check: steps.pressure.output < 2000, message: "More than 2000 kN/m² is beyond every ground." }

  - id: reinforce
    when: steps.pressure.output > 250
    needs: [plausible]
    stdout: text
    run: printf 'It needs %s kN/m² more.' {{ steps.pressure.output - 250 }}
`;

export const STARTERS: readonly Starter[] = [
  { name: "hello", summary: "two steps, one waiting for the other", text: HELLO },
  { name: "pipeline", summary: "steps side by side, retries, time-outs, a condition", text: PIPELINE },
  { name: "calculation", summary: "checked input, assertions, a condition on a result", text: CALCULATION },
];
