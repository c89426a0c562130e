/** What a snapshot and its entries look like from outside. Total functions: every run has a view. */
import type { EventView } from "../contract/event-view.ts";
import type { RunView, StepView } from "../contract/run-view.ts";
import { isBlobRef, type LoadBlob, type Stored } from "../core/blob.ts";
import type { TenantId } from "../core/ids.ts";
import type { Json } from "../core/json.ts";
import { attemptSpanId, runSpanId, stepSpanId, type TracedRun, traceIdOf } from "../core/trace.ts";
import type { JournalEntry } from "../kernel/entry.ts";
import { stepsOf } from "../kernel/roster.ts";
import { fanOutput, type ScopeSource, sourceOf } from "../kernel/scope.ts";
import { countOf, type RunSnapshot, runState } from "../kernel/snapshot.ts";
import { reasonForPerson } from "../kernel/why-not.ts";
import type { Parking } from "../plan/parking.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import type { AttemptRow } from "../ports/store.ts";

/** What the snapshot does not hold: money and tools are known per attempt. */
export interface ViewExtras {
  readonly attempts: readonly AttemptRow[];
  readonly createdAt: number;
  readonly load: LoadBlob;
}

export function runView(workflow: CompiledWorkflow, snapshot: RunSnapshot, { attempts, createdAt, load }: ViewExtras): RunView {
  const byStep = Map.groupBy(attempts, ({ step }) => step);
  const source = sourceOf(workflow, snapshot);
  const steps = [...stepsOf(source)].map((step) => stepView(step, source, byStep.get(step.id) ?? [], load));
  const costUsd = steps.reduce((sum, step) => sum + step.costUsd, 0);
  return runViewOf(workflow, snapshot, { createdAt, costUsd, steps, load });
}

/** Of a run whose steps have been made already, or some of them. */
export function runViewOf(
  workflow: CompiledWorkflow,
  snapshot: RunSnapshot,
  { createdAt, costUsd, steps, load }: Pick<RunView, "createdAt" | "costUsd" | "steps"> & Pick<ViewExtras, "load">,
): RunView {
  const { start, run } = snapshot;
  const { startedAt, endedAt, output, error } = run.context;
  const detail = runState(snapshot);
  const { parent } = start;
  return {
    id: start.runId,
    workflow: start.workflow,
    definitionHash: start.definition,
    tenant: start.tenant,
    priority: start.priority,
    state: topState(detail),
    detail,
    input: resolve(start.input, load),
    output: resolve(output, load),
    error,
    createdAt,
    startedAt,
    endedAt,
    durationMs: span(startedAt, endedAt),
    costUsd,
    waitingFor: waitingFor(workflow, snapshot, detail),
    parent: parent === null ? null : { runId: parent.runId, relation: parent.relation, from: parent.from },
    progress: progressOf(snapshot),
    steps,
  };
}

/** @param list the output of a step that fans out; by default what all its items gave */
export function stepView(
  step: CompiledStep,
  source: ScopeSource,
  attempts: readonly AttemptRow[],
  load: LoadBlob,
  list: (step: CompiledStep) => Json = () => fanOutput(step, source, load),
): StepView {
  const slot = source.slot(step.index);
  const { attempt, output, failure, skipped, startedAt, endedAt, dueAt, late, reused } = slot.actor.context;
  return {
    id: step.id,
    itemKey: step.item?.key ?? null,
    type: step.type,
    title: step.title,
    state: topState(slot.state),
    detail: slot.state,
    attempts: attempt,
    output: step.fanOut === null ? resolve(output, load) : list(step),
    error: slot.state === "succeeded" ? null : failure,
    skippedBecause: skipped?.text ?? null,
    quarantinedBecause: slot.state === "quarantined" ? reasonForPerson(step, slot) : null,
    lateResult: late && { outcome: late.kind, output: resolve(late.output ?? null, load), error: late.failure ?? null },
    cached: reused || (attempts.length === 0 && slot.state === "succeeded" && attempt > 0),
    tool: attempts.at(-1)?.tool ?? null,
    startedAt,
    endedAt,
    durationMs: span(startedAt, endedAt),
    workMs: step.fanOut === null ? workOf(attempts) : null,
    costUsd: attempts.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
    dueAt,
  };
}

function workOf(attempts: readonly AttemptRow[]): number | null {
  const ended = attempts.flatMap(({ startedAt, endedAt }) => (endedAt === null ? [] : [Math.max(0, endedAt - startedAt)]));
  return ended.length === 0 ? null : ended.reduce((sum, ms) => sum + ms, 0);
}

function progressOf({ counts, steps }: RunSnapshot): RunView["progress"] {
  const total = steps.length;
  const done = countOf(counts, "succeeded") + countOf(counts, "failed") + countOf(counts, "skipped") + countOf(counts, "canceled");
  return { done, total, percent: total === 0 ? 100 : Math.floor((100 * done) / total) };
}

function waitingFor(workflow: CompiledWorkflow, snapshot: RunSnapshot, detail: string): string | null {
  if (detail === "quarantined") return `a person: ${snapshot.run.context.reason ?? "a step is quarantined"}`;
  if (detail === "running.paused") return "somebody to resume it";
  const parked = countOf(snapshot.counts, "running.parked");
  if (parked > 0 && (detail === "running.waiting" || detail === "running.executing")) return parkedFor(workflow, snapshot);
  if (detail === "running.waiting") return "the next retry";
  return null;
}

/** What the first parked step waits for, in words. */
function parkedFor(workflow: CompiledWorkflow, snapshot: RunSnapshot): string | null {
  const source = sourceOf(workflow, snapshot);
  for (const step of stepsOf(source)) {
    const { state, actor } = source.slot(step.index);
    const parking = state === "running.parked" ? actor.context.parked?.parking : undefined;
    if (parking !== undefined) return `${PARKED_FOR[parking.kind]} (step \`${step.id}\`)`;
  }
  return null;
}

const PARKED_FOR = {
  approval: "a person's approval",
  timer: "the time to come",
  event: "an event",
  callback: "a call back",
  run: "another run",
} as const satisfies Record<Parking["kind"], string>;

function topState(dotted: string): string {
  const dot = dotted.indexOf(".");
  return dot < 0 ? dotted : dotted.slice(0, dot);
}

function span(startedAt: number | null, endedAt: number | null): number | null {
  return startedAt === null || endedAt === null ? null : endedAt - startedAt;
}

function resolve(value: Stored, load: LoadBlob): Json {
  return isBlobRef(value) ? load(value) : value;
}

export function eventView(run: TracedRun, tenant: TenantId | string, entry: JournalEntry): EventView {
  const { runId } = run;
  const { seq, type, at, actor, from, to, data } = entry;
  const attempt = data.attempt;
  return {
    seq,
    id: `${runId}:${seq}`,
    type,
    at: new Date(at).toISOString(),
    tenant,
    runId,
    ...(actor !== "run" && { stepId: actor }),
    ...(typeof attempt === "number" && { attempt }),
    ...(from !== "" && { from }),
    to,
    data,
    traceId: traceIdOf(run),
    spanId: spanIdOf(run, entry),
  };
}

/** The span in which a transition is told. */
function spanIdOf(run: TracedRun, { actor, type, data }: JournalEntry): string {
  if (actor === "run") return runSpanId(run);
  const { attempt } = data;
  return type.startsWith("attempt.") && typeof attempt === "number" ? attemptSpanId(run, actor, attempt) : stepSpanId(run, actor);
}
