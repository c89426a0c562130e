/** Compares what came of a case with what its author expects. */
import { parseExpression } from "../../../grammar/parse.ts";
import { parseDurationMs } from "../../core/duration.ts";
import { isTroupeError, toError } from "../../core/errors.ts";
import { canonicalJson, isJsonObject, type Json } from "../../core/json.ts";
import { evaluate } from "../../expression/evaluate.ts";
import { traceCondition } from "../../expression/trace.ts";
import type { JournalEntry } from "../../kernel/entry.ts";
import { stepById } from "../../kernel/roster.ts";
import { runScope, type ScopeSource, sourceOf } from "../../kernel/scope.ts";
import { runState } from "../../kernel/snapshot.ts";
import type { CompiledWorkflow } from "../../plan/workflow.ts";
import type { Expectation } from "./test-document.ts";
import type { VirtualRun } from "./virtual-run.ts";

/** Everything that is not as expected, in words; empty when all is. */
export function judge(workflow: CompiledWorkflow, run: VirtualRun, expected: Expectation, durationMs: number): readonly string[] {
  const { snapshot, journal, stuck } = run;
  const source = sourceOf(workflow, snapshot);
  const problems: string[] = stuck === null ? [] : [`the run did not come to an end: ${stuck}`];
  const status = runState(snapshot);
  const wanted = expected.status ?? "succeeded";
  if (stuck === null && status !== wanted) problems.push(`status is ${status}, not ${wanted}${whyEnded(run)}`);
  problems.push(...judgeSteps(source, expected));
  if (expected.output !== undefined) problems.push(...difference("output", snapshot.run.context.output as Json, expected.output));
  problems.push(...judgeOrder(journal, expected.order ?? []));
  const seen = new Set(journal.map(({ type }) => type as string));
  for (const type of expected.events ?? []) if (!seen.has(type)) problems.push(`no event \`${type}\` happened`);
  if (expected.cost !== undefined) problems.push(...judgeCost(journal, expected.cost));
  problems.push(...judgeConditions(source, expected.holds ?? []));
  const limitMs = expected.within === undefined ? null : parseDurationMs(expected.within);
  if (limitMs !== null && durationMs > limitMs) problems.push(`it took ${durationMs} ms of virtual time; ${limitMs} were allowed`);
  return problems;
}

/** Why a run that was not expected to fail did, so that nobody has to run it again to see. */
function whyEnded({ snapshot }: VirtualRun): string {
  const { error, reason } = snapshot.run.context;
  if (error !== null) return `: ${error.step === null ? "" : `\`${error.step}\` `}${error.failure.title} (${error.failure.code})`;
  return reason === null ? "" : `: ${reason}`;
}

function judgeSteps(
  source: ScopeSource,
  { steps = {}, outputs = {}, attempts = {}, skipped_because: reasons = {} }: Expectation,
): string[] {
  const problems: string[] = [];
  const look = (id: string): ReturnType<ScopeSource["slot"]> | null => {
    const step = stepById(source, id);
    if (step === undefined) problems.push(`there is no step \`${id}\``);
    return step === undefined ? null : source.slot(step.index);
  };
  for (const [id, wanted] of Object.entries(steps)) {
    const slot = look(id);
    const state = slot?.state.split(".")[0];
    if (slot !== null && state !== wanted) problems.push(`step \`${id}\` is ${state}, not ${wanted}${because(slot)}`);
  }
  for (const [id, wanted] of Object.entries(outputs)) {
    const view = look(id) === null ? undefined : runScope(source, noBlob).step(id);
    if (view !== undefined) problems.push(...difference(`output of \`${id}\``, plain(view).output, wanted));
  }
  for (const [id, wanted] of Object.entries(attempts)) {
    const made = look(id)?.actor.context.attempt;
    if (made !== undefined && made !== wanted) problems.push(`step \`${id}\` had ${made} attempts, not ${wanted}`);
  }
  for (const [id, wanted] of Object.entries(reasons)) {
    const slot = look(id);
    const text = slot?.actor.context.skipped?.text ?? null;
    if (slot !== null && (text === null || !text.includes(wanted)))
      problems.push(text === null ? `step \`${id}\` was not skipped` : `step \`${id}\` was skipped because ${text}, not because ${wanted}`);
  }
  return problems;
}

function because({ actor }: ReturnType<ScopeSource["slot"]>): string {
  const { failure, skipped } = actor.context;
  const why = skipped?.text ?? failure?.title;
  return why === undefined ? "" : `: ${why}`;
}

const noBlob = (): never => {
  throw new RangeError("it is too large to be compared");
};

function plain(value: unknown): { readonly [name: string]: Json } {
  return JSON.parse(JSON.stringify(value)) as { readonly [name: string]: Json }; // A view holds nothing but JSON.
}

function judgeOrder(journal: readonly JournalEntry[], order: readonly string[]): string[] {
  const begun = [
    ...new Set(journal.filter(({ to, from }) => to === "running.executing" && from !== to).map(({ actor }) => actor as string)),
  ];
  const places = order.map((id) => begun.indexOf(id));
  const missing = order.filter((_, index) => (places[index] ?? -1) < 0);
  if (missing.length > 0) return [`${missing.map((id) => `\`${id}\``).join(", ")} never began`];
  const isSorted = places.every((place, index) => index === 0 || (places[index - 1] ?? 0) < place);
  return isSorted ? [] : [`the order was ${begun.filter((id) => order.includes(id)).join(", ")}, not ${order.join(", ")}`];
}

function judgeCost(journal: readonly JournalEntry[], wanted: number): string[] {
  const nanos = journal.reduce((sum, { data }) => {
    const usage = isJsonObject(data.usage) ? data.usage : {};
    return sum + (typeof usage.costUsd === "number" ? Math.round(usage.costUsd * 1e9) : 0);
  }, 0);
  return nanos === Math.round(wanted * 1e9) ? [] : [`it cost $${nanos / 1e9}, not $${wanted}`];
}

/** Conditions over the steps as they ended; one that cannot be evaluated does not hold. */
export function judgeConditions(source: ScopeSource, conditions: readonly string[]): string[] {
  const scope = runScope(source, noBlob);
  return conditions.flatMap((text) => {
    try {
      const tree = parseExpression(text);
      if (evaluate(tree, scope) === true) return [];
      const { children } = traceCondition(tree, scope);
      const values = children.map((child) => `${child.text} is ${JSON.stringify(child.value)}`).join(", ");
      return [`it does not hold that ${text}${values === "" ? "" : ` (${values})`}`];
    } catch (thrown) {
      const error = toError(thrown);
      if (!isTroupeError(error)) throw error;
      return [`${text} cannot be evaluated: ${error.message}`];
    }
  });
}

/** Members that are expected must be there; others may be there too, in maps but not in lists. */
function difference(what: string, actual: Json | undefined, expected: Json): string[] {
  if (isJsonObject(expected) && isJsonObject(actual))
    return Object.keys(expected).flatMap((key) => difference(`${what}.${key}`, actual[key], expected[key] ?? null));
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length)
    return expected.flatMap((item: Json, index) => difference(`${what}[${index}]`, actual[index] as Json, item)); // In range.
  return canonicalJson(actual ?? null) === canonicalJson(expected) ? [] : [`${what} is ${short(actual)}, not ${short(expected)}`];
}

function short(value: Json | undefined): string {
  const text = JSON.stringify(value ?? null);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
