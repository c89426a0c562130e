/** Rules about time that is lost. */

import { formatDuration, parseDurationMs } from "../../core/duration.ts";
import { countItems } from "../../plan/bounds.ts";
import type { CompiledStep } from "../../plan/workflow.ts";
import { entryOf } from "../source-node.ts";
import { fieldAt, type LintRule, stepsOf } from "./rule.ts";

const unlimitedFanOut: LintRule = {
  code: "LINT_UNLIMITED_FAN_OUT",
  severity: "note",
  family: "performance",
  what: "a fan-out over any number of items without a limit",
  why: "A long list then takes every place that the engine has, and whatever the items call gets all of them at once.",
  fix: "Set `max_parallel`, or the document's `concurrency`.",
  bad: 'input: { files: { type: array } }\nsteps:\n  - { id: a, run: "./a {{ item.value }}", timeout: 1m, for_each: "{{ input.files }}" }\n',
  good: 'input: { files: { type: array } }\nsteps:\n  - { id: a, run: "./a {{ item.value }}", timeout: 1m, for_each: "{{ input.files }}", max_parallel: 8 }\n',
  *find(subject) {
    for (const { step, draft } of stepsOf(subject)) {
      if (step.fanOut === null || step.fanOut.maxParallel !== null || subject.workflow.concurrency !== null || countItems(step) !== null)
        continue;
      yield {
        at: fieldAt(draft, step.fanOut.over.kind === "list" ? "for_each" : "matrix"),
        message: `Nothing limits how many items of \`${step.id}\` run at once.`,
      };
    }
  },
};

const serialFanOut: LintRule = {
  code: "LINT_SERIAL_FAN_OUT",
  severity: "note",
  family: "performance",
  what: "a fan-out whose items run one by one",
  why: "Items of a step with `locks`, or with `touches` in a common workspace, exclude each other.",
  fix: "Give each item `isolation: { worktree: true }`, take the lock in a step behind it, or say `max_parallel: 1` where it is meant.",
  bad: "steps:\n  - { id: a, run: ./a, timeout: 1m, for_each: [1, 2, 3], touches: src }\n",
  good: "steps:\n  - { id: a, run: ./a, timeout: 1m, for_each: [1, 2, 3], touches: src, isolation: { worktree: true } }\n",
  *find(subject) {
    for (const { step, draft } of stepsOf(subject)) {
      if (step.fanOut === null || step.fanOut.maxParallel === 1) continue;
      const shares = step.locks.length > 0 ? "locks" : step.touches.length > 0 && step.isolation === null ? "touches" : null;
      if (shares !== null)
        yield { at: fieldAt(draft, shares), message: `\`${shares}\` lets the items of \`${step.id}\` run one by one only.` };
    }
  },
};

/** A chain of this many steps is worth a word. */
const CHAIN_MIN = 4;

const needlessChain: LintRule = {
  code: "LINT_NEEDLESS_CHAIN",
  severity: "note",
  family: "performance",
  what: `a chain of ${CHAIN_MIN} or more steps that use nothing of each other`,
  why: "Steps with `side_effect: none` that read nothing of the one before could run side by side.",
  fix: "Remove the `needs` that only put them in a row.",
  bad: "output: { all: '{{ [$a.n, $b.n, $c.n, $d.n] }}' }\ndefaults: { shell: { timeout: 1m, side_effect: none } }\nsteps:\n  - { id: a, run: ./a }\n  - { id: b, run: ./b, needs: a }\n  - { id: c, run: ./c, needs: b }\n  - { id: d, run: ./d, needs: c }\n",
  good: "output: { all: '{{ [$a.n, $b.n, $c.n, $d.n] }}' }\ndefaults: { shell: { timeout: 1m, side_effect: none } }\nsteps:\n  - { id: a, run: ./a }\n  - { id: b, run: ./b }\n  - { id: c, run: ./c }\n  - { id: d, run: ./d }\n",
  *find(subject) {
    const { steps } = subject.workflow;
    const before = (step: CompiledStep): CompiledStep | undefined => {
      const [only, ...others] = step.needs;
      const isBare = only !== undefined && others.length === 0 && only.because.every(({ kind }) => kind === "needs");
      const previous = isBare ? steps[only.from] : undefined;
      return previous?.sideEffect === "none" && step.sideEffect === "none" && previous.when === null ? previous : undefined;
    };
    for (const { step, draft } of stepsOf(subject)) {
      if (step.dependents.some((index) => steps[index] !== undefined && before(steps[index])?.index === step.index)) continue; // told at its end
      const chain = [step];
      for (let one = before(step); one !== undefined; one = before(one)) chain.unshift(one);
      if (chain.length >= CHAIN_MIN)
        yield { at: fieldAt(draft, "needs"), message: `${chain.map(({ id }) => id).join(" → ")} use nothing of each other.` };
    }
  },
};

/** Shorter pauses are part of a script. */
const SLEEP_MIN_MS = 60_000;

const sleepInScript: LintRule = {
  code: "LINT_SLEEP",
  severity: "note",
  family: "performance",
  what: "a script that sleeps for a minute or longer",
  why: "It holds a place and a process all the while, and begins anew when the engine is restarted.",
  fix: "Split it around a step of `type: wait`, which holds neither.",
  bad: 'steps:\n  - { id: a, run: "./start; sleep 300; ./check", timeout: 10m }\n',
  good: "steps:\n  - { id: a, run: ./start, timeout: 1m }\n  - { id: pause, type: wait, for: 5m, needs: a }\n  - { id: b, run: ./check, timeout: 1m, needs: pause }\n",
  *find(subject) {
    for (const { step, draft } of stepsOf(subject)) {
      const run = step.type === "shell" ? entryOf(draft.node, "run")?.value : undefined;
      if (run?.kind !== "scalar" || typeof run.value !== "string") continue;
      const found = /(?<=^|[;&|\n]\s*)sleep\s+(\d+(?:\.\d+)?[smhd]?)(?=\s*(?:$|[;&|\n]))/.exec(run.value);
      const ms = found === null ? null : parseDurationMs(found[1] ?? "");
      if (found !== null && ms !== null && ms >= SLEEP_MIN_MS)
        yield {
          at: run,
          part: { offset: found.index, length: found[0].length },
          message: `\`${step.id}\` holds a place while it sleeps for ${formatDuration(ms)}.`,
        };
    }
  },
};

export const PERFORMANCE_RULES: readonly LintRule[] = [unlimitedFanOut, serialFanOut, needlessChain, sleepInScript];
