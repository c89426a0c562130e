/** Rules about workflows that cannot do what they say. */

import { formatDuration } from "../../core/duration.ts";
import { referencesOf } from "../../expression/references.ts";
import { worstAttempts, worstDurationMs } from "../../plan/bounds.ts";
import type { Field } from "../../plan/field.ts";
import { findUnreachable } from "../../plan/reach.ts";
import { worstRetryDelaysMs } from "../../plan/retry-delay.ts";
import type { CatchMatch } from "../../plan/step-policies.ts";
import { canonicalText } from "../canonical-text.ts";
import { validateData } from "../data-schema.ts";
import { nodeAt } from "../link-steps.ts";
import { entryOf } from "../source-node.ts";
import { constantAnswer } from "./constant.ts";
import { fieldAt, type LintRule, stepsOf } from "./rule.ts";

const constantCondition: LintRule = {
  code: "LINT_CONSTANT_CONDITION",
  severity: "warning",
  family: "logic",
  what: "a condition whose answer never changes",
  why: "It decides nothing: whoever wrote it had another comparison in mind.",
  fix: "Correct it, or remove it.",
  bad: "input: { stage: { type: string, enum: [test, live], default: test } }\nsteps:\n  - { id: a, run: ./a, timeout: 1m, when: input.stage == 'test' OR input.stage == 'live' }\n",
  good: "input: { stage: { type: string, enum: [test, live], default: test } }\nsteps:\n  - { id: a, run: ./a, timeout: 1m, when: input.stage == 'live' }\n",
  *find(subject) {
    const { inputSchema } = subject.workflow;
    for (const { step, draft } of stepsOf(subject)) {
      for (const { tree, field, node } of draft.trees) {
        if (tree.kind === "text" || tree.kind === "template") continue;
        const isLiteral = referencesOf(tree).length === 0;
        // A plain `true` or `false` is meant; a `when` without references that is false is told by DEF_UNREACHABLE.
        if (tree.kind === "literal" || (isLiteral && field === "when")) continue;
        const answer = constantAnswer(tree, inputSchema);
        if (answer !== null) yield { at: node, message: `\`${field}\` of \`${step.id}\` is always ${answer}.` };
      }
    }
  },
};

const exclusiveNeeds: LintRule = {
  code: "LINT_EXCLUSIVE_NEEDS",
  severity: "warning",
  family: "logic",
  what: "a step that waits for the success of two branches of one `switch`",
  why: "A `switch` runs at most one of them, so the step is always skipped.",
  fix: "Say `join: none_failed`, or `any_success`.",
  bad: "steps:\n  - { id: route, cases: [{ when: input.big, do: canary }], default: direct }\n  - { id: canary, run: ./a, timeout: 1m }\n  - { id: direct, run: ./b, timeout: 1m }\n  - { id: tell, run: ./c, timeout: 1m, needs: [canary, direct] }\n",
  good: "steps:\n  - { id: route, cases: [{ when: input.big, do: canary }], default: direct }\n  - { id: canary, run: ./a, timeout: 1m }\n  - { id: direct, run: ./b, timeout: 1m }\n  - { id: tell, run: ./c, timeout: 1m, needs: [canary, direct], join: none_failed }\n",
  *find(subject) {
    const { steps } = subject.workflow;
    for (const { step, because } of findUnreachable(subject.workflow)) {
      const draft = subject.drafts[step];
      if (because.kind !== "branches" || draft === undefined) continue;
      const [one, other] = because.steps.map((index) => `\`${steps[index]?.id}\``);
      yield { at: fieldAt(draft, "needs"), message: `\`${steps[because.router]?.id}\` chooses ${one} or ${other}, never both.` };
    }
  },
};

const retryBudget: LintRule = {
  code: "LINT_RETRY_BUDGET",
  severity: "warning",
  family: "logic",
  what: "retries that take longer than the run may",
  why: "The run's `timeout` ends it before the last of them, so they are never made.",
  fix: "Retry less often or sooner, shorten the step's `timeout`, or give the run more time.",
  bad: "timeout: 1m\nsteps:\n  - { id: a, run: ./a, timeout: 5s, retry: { max: 5, base: 30s } }\n",
  good: "timeout: 10m\nsteps:\n  - { id: a, run: ./a, timeout: 5s, retry: { max: 5, base: 1s } }\n",
  *find(subject) {
    const { timeoutMs } = subject.workflow;
    if (timeoutMs === null) return;
    for (const { step, draft } of stepsOf(subject)) {
      if (step.phase.kind !== "main" || worstAttempts(step) === 1) continue;
      const delaysMs = worstRetryDelaysMs(step.retry);
      const worstMs = Math.max(delaysMs, step.timeout === null ? 0 : worstDurationMs(step));
      if (worstMs <= timeoutMs) continue;
      const message = `All attempts of \`${step.id}\` take up to ${formatDuration(worstMs)}, and the run may take ${formatDuration(timeoutMs)}.`;
      yield { at: fieldAt(draft, "retry"), message };
    }
  },
};

const timeoutBeyondRun: LintRule = {
  code: "LINT_TIMEOUT_BEYOND_RUN",
  severity: "warning",
  family: "logic",
  what: "a step whose `timeout` is longer than that of its run",
  why: "The run ends first, so the step's own limit, and what `then` says, never takes effect.",
  fix: "Shorten it, or give the run more time.",
  bad: "timeout: 1m\nsteps:\n  - { id: a, run: ./a, timeout: 5m }\n",
  good: "timeout: 10m\nsteps:\n  - { id: a, run: ./a, timeout: 5m }\n",
  *find(subject) {
    const { timeoutMs } = subject.workflow;
    for (const { step, draft } of stepsOf(subject)) {
      if (
        timeoutMs === null ||
        step.phase.kind !== "main" ||
        step.timeout === null ||
        step.timeout.afterMs <= timeoutMs ||
        worstAttempts(step) > 1
      )
        continue;
      const message = `\`${step.id}\` may take ${formatDuration(step.timeout.afterMs)}, its run ${formatDuration(timeoutMs)}.`;
      yield { at: fieldAt(draft, "timeout"), message };
    }
  },
};

const deadRule: LintRule = {
  code: "LINT_DEAD_CATCH",
  severity: "warning",
  family: "logic",
  what: "a rule of `catch` behind one that matches every failure",
  why: "The first rule that matches wins, so it never applies.",
  fix: "Put the more special rule first.",
  bad: "steps:\n  - id: a\n    run: ./a\n    timeout: 1m\n    catch: [{ do: skip }, { match: { class: timeout }, do: fail }]\n",
  good: "steps:\n  - id: a\n    run: ./a\n    timeout: 1m\n    catch: [{ match: { class: timeout }, do: fail }, { do: skip }]\n",
  *find(subject) {
    for (const { step, draft } of stepsOf(subject)) {
      const all = step.catches.findIndex(({ match }) => matchesAll(match));
      if (all < 0 || all === step.catches.length - 1) continue;
      yield {
        at: nodeAt(draft.node, `catch[${all + 1}]`),
        message: `Rule ${all + 1} of \`${step.id}\` matches every failure, so this one never applies.`,
      };
    }
  },
};

function matchesAll({ classes, codes, tools, statuses, when }: CatchMatch): boolean {
  return classes === null && codes === null && tools === null && statuses === null && when === null;
}

const fallbackSchema: LintRule = {
  code: "LINT_FALLBACK_SCHEMA",
  severity: "error",
  family: "logic",
  what: "a fallback value that breaks the step's own output schema",
  why: "Whoever reads the output relies on its schema, above all when something went wrong.",
  fix: "Give a value that fits, or widen the schema.",
  bad: "steps:\n  - id: rate\n    run: ./rate\n    timeout: { after: 5s, then: fallback, value: { rate: unknown } }\n    output: { rate: number }\n",
  good: "steps:\n  - id: rate\n    run: ./rate\n    timeout: { after: 5s, then: fallback, value: { rate: 1 } }\n    output: { rate: number }\n",
  *find(subject) {
    for (const { step, draft } of stepsOf(subject)) {
      if (step.outputSchema === null) continue;
      const values: (readonly [path: string, field: Field])[] = step.catches.flatMap(({ action }, rule) =>
        action.kind === "fallback" ? [[fallbackPath(draft.node, rule), action.value] as const] : [],
      );
      if (step.timeout?.value) values.push(["timeout.value", step.timeout.value]);
      for (const [path, field] of values) {
        const [wrong] = field.kind === "literal" ? validateData(step.outputSchema, field.value).errors : [];
        if (wrong !== undefined)
          yield {
            at: nodeAt(draft.node, path),
            message: `The fallback of \`${step.id}\` breaks its output schema: ${wrong.path === "" ? "" : `${wrong.path}: `}${wrong.message}.`,
          };
      }
    }
  },
};

function fallbackPath(step: Parameters<typeof nodeAt>[0], rule: number): string {
  return nodeAt(step, `catch[${rule}].do`).kind === "map" ? `catch[${rule}].do.fallback` : `catch[${rule}].value`;
}

const duplicateCase: LintRule = {
  code: "LINT_DUPLICATE_CASE",
  severity: "warning",
  family: "logic",
  what: "two cases of a `switch` with the same condition",
  why: "The first whose condition holds is taken, so the second never is.",
  fix: "Remove it, or correct its condition.",
  bad: "steps:\n  - id: route\n    cases: [{ when: input.n > 1, do: one }, { when: input.n > 1, do: two }]\n",
  good: "steps:\n  - id: route\n    cases: [{ when: input.n > 1, do: one }, { when: input.n > 0, do: two }]\n",
  *find(subject) {
    for (const { step, draft } of stepsOf(subject)) {
      const cases = step.type === "switch" ? entryOf(draft.node, "cases")?.value : undefined;
      const seen = new Set<string>();
      for (const one of cases?.kind === "list" ? cases.items : []) {
        const when = entryOf(one, "when")?.value;
        if (when === undefined) continue;
        const text = canonicalText(when);
        if (seen.has(text)) yield { at: when, message: `An earlier case of \`${step.id}\` has this condition.` };
        seen.add(text);
      }
    }
  },
};

const sameKey: LintRule = {
  code: "LINT_SAME_KEY",
  severity: "error",
  family: "logic",
  what: "a fan-out whose `key` does not look at `item`",
  why: "Every item gets the same name, and names must differ.",
  fix: "Use `item.value` or `item.index` in it.",
  bad: 'input: { regions: { type: array } }\nsteps:\n  - { id: a, run: ./a, timeout: 1m, for_each: "{{ input.regions }}", max_parallel: 4, key: region }\n',
  good: 'input: { regions: { type: array } }\nsteps:\n  - { id: a, run: ./a, timeout: 1m, for_each: "{{ input.regions }}", max_parallel: 4, key: "{{ item.value }}" }\n',
  *find(subject) {
    for (const { step, draft } of stepsOf(subject)) {
      const key = step.fanOut?.key;
      if (!key || (key.kind === "text" && referencesOf(key.text).some(({ root }) => root === "item"))) continue;
      yield { at: fieldAt(draft, "key"), message: `All items of \`${step.id}\` get the same key.` };
    }
  },
};

const retriedOnce: LintRule = {
  code: "LINT_RETRY_ONCE",
  severity: "warning",
  family: "logic",
  what: "retries of a step with `side_effect: once`",
  why: "Such a step is never repeated without a person, so they are not made.",
  fix: "Say `side_effect: repeatable` where one idempotency key makes a repetition harmless; else remove `retry`.",
  bad: "steps:\n  - { id: pay, run: ./pay, timeout: 1m, retry: 3, side_effect: once }\n",
  good: "steps:\n  - { id: pay, run: ./pay, timeout: 1m, side_effect: once }\n",
  *find(subject) {
    for (const { step, draft } of stepsOf(subject))
      if (step.sideEffect === "once" && step.retry.max > 0)
        yield { at: fieldAt(draft, "retry"), message: `\`${step.id}\` must not be repeated, and asks for ${step.retry.max} retries.` };
  },
};

const cachedEffect: LintRule = {
  code: "LINT_CACHED_EFFECT",
  severity: "warning",
  family: "logic",
  what: "a `cache` on a step that is there for its effect",
  why: "When its result is found in the cache, the effect does not happen.",
  fix: "Remove `cache`, or keep the effect in a step of its own.",
  bad: "steps:\n  - { id: pay, run: ./pay, timeout: 1m, side_effect: once, cache: true }\n",
  good: "steps:\n  - { id: price, run: ./price, timeout: 1m, side_effect: none, cache: true }\noutput: { price: '{{ $price.sum }}' }\n",
  *find(subject) {
    for (const { step, draft } of stepsOf(subject)) {
      const isEffect = step.sideEffect === "once" || step.type === "approval" || step.type === "wait";
      if (step.cache !== null && isEffect)
        yield { at: fieldAt(draft, "cache"), message: `\`${step.id}\` would do nothing when its result is found.` };
    }
  },
};

const gateWithoutReport: LintRule = {
  code: "LINT_GATE_WITHOUT_REPORT",
  severity: "warning",
  family: "logic",
  what: "a `gate` that has nothing to look at",
  why: "It needs a report, or what a command prints; a gate by exit code knows no numbers.",
  fix: "Name the `report`, or leave out the numbers.",
  bad: "steps:\n  - { id: test, run: npm test, timeout: 5m, gate: { format: exit, min_passed: 10 } }\n",
  good: "steps:\n  - { id: test, run: npm test, timeout: 5m, gate: { report: junit.xml, min_passed: 10 } }\n",
  *find(subject) {
    for (const { step, draft } of stepsOf(subject)) {
      const { gate } = step;
      if (gate === null) continue;
      const at = fieldAt(draft, "gate");
      const counts = gate.minPassed > 0 || gate.maxFailed > 0 || gate.maxSkipped !== null;
      if (gate.format === "exit" && counts) yield { at, message: `The gate of \`${step.id}\` counts tests, and an exit code has none.` };
      else if (gate.report === null && gate.format !== "exit" && step.type !== "shell" && step.type !== "agent" && !step.type.includes("/"))
        yield { at, message: `A ${step.type} step prints nothing that the gate of \`${step.id}\` could look at.` };
    }
  },
};

const neverCompensated: LintRule = {
  code: "LINT_NEVER_COMPENSATED",
  severity: "warning",
  family: "logic",
  what: "a compensation of a step after whose success nothing can fail",
  why: "It runs when the run fails after this step has succeeded; with no other step, only a cancellation makes it run.",
  fix: "Put what must be undone when it fails itself into `cleanup` or `catch`.",
  bad: "steps:\n  - { id: only, run: ./a, timeout: 1m, compensate: { run: ./undo, timeout: 1m } }\n",
  good: "steps:\n  - { id: first, run: ./a, timeout: 1m, compensate: { run: ./undo, timeout: 1m } }\n  - { id: second, run: ./b, timeout: 1m, needs: first }\n",
  *find(subject) {
    const main = subject.workflow.steps.filter(({ phase }) => phase.kind === "main");
    if (main.length !== 1 || subject.workflow.outputSchema !== null) return;
    for (const { step, draft } of stepsOf(subject))
      if (step.phase.kind === "main" && entryOf(draft.node, "compensate") !== undefined)
        yield {
          at: fieldAt(draft, "compensate"),
          message: `\`${step.id}\` is the only step: when it has succeeded, nothing is left that could fail.`,
        };
  },
};

export const LOGIC_RULES: readonly LintRule[] = [
  constantCondition,
  exclusiveNeeds,
  retryBudget,
  timeoutBeyondRun,
  deadRule,
  fallbackSchema,
  duplicateCase,
  sameKey,
  retriedOnce,
  cachedEffect,
  gateWithoutReport,
  neverCompensated,
];
