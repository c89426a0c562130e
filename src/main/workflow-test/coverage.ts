/** Which of the ways that a workflow can go its tests have gone (mission X4). */

import { stepNameOf } from "../../core/item-id.ts";
import type { JournalEntry } from "../../kernel/entry.ts";
import type { CompiledStep, CompiledWorkflow } from "../../plan/workflow.ts";

export interface Coverage {
  /** `step: what happens to it`, such as `deploy: is retried`. */
  readonly covered: readonly string[];
  readonly missed: readonly string[];
}

/** What can happen to a step by its definition, each with how a journal shows it. */
interface Way {
  readonly text: string;
  readonly isShownBy: (entry: JournalEntry) => boolean;
}

/** Types that fail by nothing but their values, which a test of the workflow need not show. */
const RARELY_FAILING: ReadonlySet<string> = new Set(["switch", "template", "wait"]);

export function coverageOf(workflow: CompiledWorkflow, journals: readonly (readonly JournalEntry[])[]): Coverage {
  const byStep = new Map<string, JournalEntry[]>(workflow.steps.map(({ id }) => [id, []]));
  for (const entry of journals.flat()) byStep.get(stepNameOf(entry.actor))?.push(entry);
  const covered: string[] = [];
  const missed: string[] = [];
  for (const step of workflow.steps) {
    const entries = byStep.get(step.id) ?? [];
    for (const { text, isShownBy } of waysOf(step)) (entries.some(isShownBy) ? covered : missed).push(`${step.id}: ${text}`);
  }
  return { covered, missed };
}

function waysOf(step: CompiledStep): readonly Way[] {
  const { when, routedBy, retry, timeout, catches, optional, config, type, phase } = step;
  const entered =
    (state: string): Way["isShownBy"] =>
    ({ to, from }) =>
      to === state && from !== to;
  const ways: Way[] = [{ text: phase.kind === "main" ? "succeeds" : `succeeds as ${phase.kind}`, isShownBy: entered("succeeded") }];
  const mayFail = !RARELY_FAILING.has(type) || optional;
  if (mayFail && catches.length === 0) ways.push({ text: "fails", isShownBy: entered("failed") });
  if (when !== null || routedBy.length > 0) ways.push({ text: "is skipped", isShownBy: entered("skipped") });
  if (retry.max > 0) ways.push({ text: "is retried", isShownBy: entered("retrying") });
  if (timeout !== null) ways.push({ text: "runs out of time", isShownBy: ({ type: name }) => name === "step.timed_out" });
  catches.forEach(({ action }, rule) => {
    ways.push({
      text: `is caught by rule ${rule + 1} (${action.kind})`,
      isShownBy: ({ data }) => (data.caught as { rule?: number } | undefined)?.rule === rule,
    });
  });
  const { cases } = config;
  const count = type === "switch" && cases?.kind === "list" ? cases.items.length : 0;
  for (let index = 0; index < count; index++)
    ways.push({ text: `chooses case ${index + 1}`, isShownBy: (entry) => chosenCase(entry) === index });
  return ways;
}

function chosenCase({ data }: JournalEntry): number | null {
  const output = (data.outcome as { output?: { case?: unknown } } | undefined)?.output;
  return typeof output?.case === "number" ? output.case : null;
}
