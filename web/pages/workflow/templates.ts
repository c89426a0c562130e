/** Beginnings of workflows, without a problem that a check would find. */
export interface Template {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly source: string;
}

export const TEMPLATES: readonly [Template, ...Template[]] = [
  {
    id: "steps",
    title: "Two steps",
    description: "One step after the other, with an input and an output.",
    source: `apiVersion: troupe/v1
name: say-hello
title: Says hello
input:
  who: { type: string, default: world, description: Whom to greet. }
output:
  said: "{{ steps.greet.output }}"
steps:
  - id: look
    run: echo "It is $(date +%A)."
    timeout: 30s
  - id: greet
    needs: [look]
    run: echo "Hello, {{ input.who }}!"
    stdout: text
    timeout: 30s
`,
  },
  {
    id: "parallel",
    title: "In parallel",
    description: "One step for each item of a list, and one that goes on with all results.",
    source: `apiVersion: troupe/v1
name: work-through
title: Works through a list
input:
  regions:
    type: array
    items: { type: string }
    default: [eu, us, asia]
steps:
  - id: check
    for_each: "{{ input.regions }}"
    key: "{{ item.value }}"
    max_parallel: 4
    run: echo "{{ item.value }} is well"
    stdout: text
    timeout: 1m
    retry: { max: 2, base: 1s }
  - id: all_well
    check: steps.check.output | length == input.regions | length
output:
  regions: "{{ steps.check.output | map(attribute='key') }}"
`,
  },
  {
    id: "approval",
    title: "With approval",
    description: "A person decides before the last step, in four hours or not at all.",
    source: `apiVersion: troupe/v1
name: ask-first
title: Asks before it acts
input:
  version: { type: string, default: "1.0.0" }
steps:
  - id: build
    run: echo "built {{ input.version }}"
    timeout: 5m
  - id: ask
    type: approval
    needs: [build]
    prompt: "Publish {{ input.version }}?"
    show: { version: "{{ input.version }}" }
    expires: { after: 4h, then: reject }
  - id: publish
    needs: [ask]
    run: echo "published {{ input.version }}"
    timeout: 5m
    side_effect: once
`,
  },
];
