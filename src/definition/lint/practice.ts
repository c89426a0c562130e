/** Rules about what experience asks for. */
import { parsePathPatterns, patternsOverlap } from "../../plan/path-overlap.ts";
import { canonicalText } from "../canonical-text.ts";
import { restrictsBothDays } from "../cron.ts";
import { entryOf } from "../source-node.ts";
import { fieldAt, type LintRule, stepsOf } from "./rule.ts";

/** Types that wait for something outside. */
const OUTSIDE: ReadonlySet<string> = new Set(["shell", "agent", "webhook"]);

const noTimeout: LintRule = {
  code: "LINT_NO_TIMEOUT",
  severity: "note",
  family: "practice",
  what: "a step that calls something outside without a time limit",
  why: "When that hangs, so does the run, and nothing tells how long it can take at worst.",
  fix: "Set `timeout`, or a default for the type: `defaults: { shell: { timeout: 5m } }`.",
  bad: "steps:\n  - { id: build, run: make }\n",
  good: "defaults: { shell: { timeout: 5m } }\nsteps:\n  - { id: build, run: make }\n",
  *find(subject) {
    if (subject.workflow.timeoutMs !== null) return;
    for (const { step, draft } of stepsOf(subject))
      if (step.timeout === null && OUTSIDE.has(step.type))
        yield { at: fieldAt(draft, "id"), message: `Nothing limits how long \`${step.id}\` may take.` };
  },
};

const eitherDay: LintRule = {
  code: "LINT_CRON_EITHER_DAY",
  severity: "warning",
  family: "practice",
  what: "a schedule with both a day of the month and a day of the week",
  why: "Cron starts it on either of them: `0 6 1 * 1` is every Monday and every first of a month, not the first when it is a Monday.",
  fix: "Keep one of them, and let the first step decide by the date.",
  bad: 'on: { schedule: [{ cron: "0 6 1 * 1" }] }\nsteps:\n  - { id: report, run: ./report, timeout: 1m }\n',
  good: 'on: { schedule: [{ cron: "0 6 * * 1" }] }\nsteps:\n  - { id: report, run: ./report, timeout: 1m }\n',
  *find({ workflow, root }) {
    const items = entryOf(entryOf(root, "on")?.value, "schedule")?.value;
    for (const [index, { cron, name }] of workflow.triggers.schedules.entries()) {
      const at = items?.kind === "list" ? entryOf(items.items[index], "cron") : undefined;
      if (at !== undefined && restrictsBothDays(cron))
        yield { at, message: `The schedule \`${name}\` fires on either of its days: \`${cron}\`.` };
    }
  },
};

const duplicateStep: LintRule = {
  code: "LINT_DUPLICATE_STEP",
  severity: "note",
  family: "practice",
  what: "two steps that do exactly the same",
  why: "One of them is most often a copy that was not changed.",
  fix: "Remove one, change it, or make them one step with `for_each`.",
  bad: "steps:\n  - { id: lint, run: npm run lint, timeout: 1m }\n  - { id: test, run: npm run lint, timeout: 1m }\n",
  good: "steps:\n  - { id: lint, run: npm run lint, timeout: 1m }\n  - { id: test, run: npm test, timeout: 1m }\n",
  *find(subject) {
    const seen = new Map<string, string>();
    for (const { step, draft } of stepsOf(subject)) {
      if (step.phase.kind !== "main" || step.routedBy.length > 0) continue;
      const entries = draft.node.entries.filter(({ key }) => !["id", "title", "number", "output_variable"].includes(key));
      const text = canonicalText({ ...draft.node, entries });
      const first = seen.get(text);
      if (first === undefined) seen.set(text, step.id);
      else yield { at: fieldAt(draft, "id"), message: `\`${step.id}\` does exactly what \`${first}\` does.` };
    }
  },
};

const writesElsewhere: LintRule = {
  code: "LINT_WRITES_ELSEWHERE",
  severity: "warning",
  family: "practice",
  what: "a template that writes a file outside of its step's `touches`",
  why: "Others that touch that file are kept apart from what the step says it touches, not from what it writes.",
  fix: "Add the file to `touches`.",
  bad: "steps:\n  - { id: note, template: Hello, path: out/note.md, touches: docs }\n",
  good: "steps:\n  - { id: note, template: Hello, path: out/note.md, touches: out }\n",
  *find(subject) {
    for (const { step, draft } of stepsOf(subject)) {
      const path = step.type === "template" ? step.config.path : undefined;
      if (path?.kind !== "literal" || typeof path.value !== "string" || step.touches.length === 0) continue;
      const touched = step.touches.flatMap(parsePathPatterns);
      const isTouched = parsePathPatterns(path.value).every((written) => touched.some((pattern) => patternsOverlap(pattern, written)));
      if (!isTouched)
        yield { at: fieldAt(draft, "path"), message: `\`${step.id}\` writes \`${path.value}\`, which its \`touches\` leave out.` };
    }
  },
};

const anyModel: LintRule = {
  code: "LINT_ANY_MODEL",
  severity: "note",
  family: "practice",
  what: "an agent without a `model`",
  why: "The agent then takes whichever is its default that day, and two runs cannot be compared.",
  fix: "Name the model.",
  bad: "steps:\n  - { id: fix, type: agent, agent: claude_code, prompt: Fix it, max_usd: 1, timeout: 9m }\n",
  good: "steps:\n  - { id: fix, type: agent, agent: claude_code, prompt: Fix it, max_usd: 1, timeout: 9m, model: sonnet }\n",
  *find(subject) {
    for (const { step, draft } of stepsOf(subject))
      if (step.type === "agent" && step.config.model === undefined && step.config.custom === undefined && step.tool === null)
        yield { at: fieldAt(draft, "id"), message: `\`${step.id}\` runs on any model.` };
  },
};

const anyCost: LintRule = {
  code: "LINT_ANY_COST",
  severity: "note",
  family: "practice",
  what: "an agent that may cost any sum",
  why: "Its bound in `troupe plan` is then any cost, and nothing stops one that goes round in circles.",
  fix: "Set `max_usd`, or at least `cost: { usd: … }`.",
  bad: "steps:\n  - { id: fix, type: agent, agent: claude_code, prompt: Fix it, model: sonnet, timeout: 9m }\n",
  good: "steps:\n  - { id: fix, type: agent, agent: claude_code, prompt: Fix it, model: sonnet, timeout: 9m, max_usd: 2 }\n",
  *find(subject) {
    for (const { step, draft } of stepsOf(subject))
      if (step.type === "agent" && step.config.max_usd === undefined && step.cost.usd === null)
        yield { at: fieldAt(draft, "id"), message: `Nothing limits what \`${step.id}\` may cost.` };
  },
};

const unheardRisk: LintRule = {
  code: "LINT_UNHEARD_RISK",
  severity: "note",
  family: "practice",
  what: "rules of risk without an approval",
  why: "Approvals tell the risk to whoever decides; without one, nobody hears of it.",
  fix: "Add a step of `type: approval` before what is risky.",
  bad: "risk: [{ when: input.n > 10, score: 30, reason: Many }]\ninput: { n: number }\nsteps:\n  - { id: a, run: ./a, timeout: 1m }\n",
  good: "risk: [{ when: input.n > 10, score: 30, reason: Many }]\ninput: { n: number }\nsteps:\n  - { id: ask, type: approval, prompt: Go on? }\n  - { id: a, run: ./a, timeout: 1m, needs: ask }\n",
  *find({ workflow, root }) {
    const risk = entryOf(root, "risk");
    if (risk !== undefined && workflow.risk.length > 0 && !workflow.steps.some(({ type }) => type === "approval"))
      yield { at: risk, message: "No step asks anybody about this risk." };
  },
};

export const PRACTICE_RULES: readonly LintRule[] = [noTimeout, eitherDay, duplicateStep, writesElsewhere, anyModel, anyCost, unheardRisk];
