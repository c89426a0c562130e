/** A run and its steps in answers of a bounded size: a page of steps, values that are too large as what the journal holds for them. */
import type { RunAnswer, StepPage, StepView } from "../contract/run-view.ts";
import { type BlobRef, isBlobRef } from "../core/blob.ts";
import { RequestError } from "../core/errors.ts";
import { toActorId } from "../core/item-id.ts";
import type { Json } from "../core/json.ts";
import type { SeenRun } from "../hosts/embedded/read-run.ts";
import { fanOf, stepById, stepsOf } from "../kernel/roster.ts";
import { type ScopeSource, sourceOf } from "../kernel/scope.ts";
import type { CompiledStep } from "../plan/workflow.ts";
import type { StoreReader } from "../ports/store.ts";
import { runViewOf, stepView } from "./views.ts";

const STEPS_PAGE_MAX = 500;
/** Of the values of one page; the step that exceeds it is the page's last one. */
const PAGE_MAX_CHARS = 2 * 1024 * 1024;
/** Largest value that is shown whole where it is asked for alone. */
const VALUE_MAX_BYTES = 4 * 1024 * 1024;
/** Items whose results are put together into a list. */
const LIST_MAX = 100;

export interface StepsAsked {
  /** Id of the step before the first. */
  readonly after?: string;
  readonly states?: readonly string[];
  readonly limit: number;
}

type Reader = Pick<StoreReader, "attempts" | "blob" | "run">;

/** @throws RequestError STEP_NOT_FOUND where the one before is none */
export function stepPage(store: Reader, { workflow, snapshot }: SeenRun, { after, states, limit }: StepsAsked): StepPage {
  const source = sourceOf(workflow, snapshot);
  const { runId } = snapshot.start;
  let isBehind = after === undefined;
  const chosen: CompiledStep[] = [];
  for (const step of stepsOf(source)) {
    if (isBehind && (states === undefined || states.includes(topOf(source.slot(step.index).state)))) chosen.push(step);
    if (step.id === after) isBehind = true;
    if (chosen.length > limit) break;
  }
  if (!isBehind) throw new RequestError("STEP_NOT_FOUND", { run: runId, step: after });
  const shown = chosen.slice(0, limit);
  const attempts = store.attempts(
    runId,
    shown.map(({ id }) => id),
  );
  const byStep = Map.groupBy(attempts, ({ step }) => step);
  const list = listAsCount(source);
  const steps: StepView[] = [];
  let chars = 0;
  for (const step of shown) {
    const view = stepView(step, source, byStep.get(step.id) ?? [], keepReference, list);
    steps.push(view);
    chars += sizeOf(view.output);
    if (chars > PAGE_MAX_CHARS) break;
  }
  return { steps, next: steps.length < chosen.length ? (steps.at(-1)?.id ?? null) : null };
}

/** @param costUsd of all its attempts */
export function runAnswer(store: Reader, seen: SeenRun): RunAnswer {
  const { workflow, snapshot } = seen;
  const { steps, next } = stepPage(store, seen, { limit: STEPS_PAGE_MAX });
  const row = store.run(snapshot.start.runId);
  const isNow = snapshot.seq >= (row?.lastSeq ?? 0);
  const costUsd = isNow ? (row?.costUsd ?? 0) : steps.reduce((sum, step) => sum + step.costUsd, 0);
  const load = (ref: BlobRef): Json => loadSmall(store, ref);
  return { ...runViewOf(workflow, snapshot, { createdAt: row?.createdAt ?? 0, costUsd, steps, load }), stepsNext: next };
}

/** The store as it was at a moment, as far as pages of a run ask: attempts that began later are not there, and what ended later goes on. */
export function storeAsOf(store: Reader, at: number): Reader {
  return {
    run: (id) => store.run(id),
    blob: (ref) => store.blob(ref),
    attempts: (id, steps) =>
      store
        .attempts(id, steps)
        .filter(({ startedAt }) => startedAt <= at)
        .map((row) =>
          row.endedAt !== null && row.endedAt > at ? { ...row, endedAt: null, outcome: null, error: null, costUsd: null } : row,
        ),
  };
}

/** One step or item, its values whole. @throws RequestError STEP_NOT_FOUND */
export function wholeStep(store: Reader, { workflow, snapshot }: SeenRun, name: string): { step: CompiledStep; view: StepView } {
  const { runId } = snapshot.start;
  const source = sourceOf(workflow, snapshot);
  const step = stepById({ workflow, fans: snapshot.fans }, toActorId(name));
  if (step === undefined) throw new RequestError("STEP_NOT_FOUND", { run: runId, step: name });
  const load = (ref: BlobRef): Json => loadSmall(store, ref);
  const items = fanOf(source, step.index)?.of.keys.length ?? 0;
  const list = items > LIST_MAX ? (): Json => ({ $items: items }) : undefined;
  return { step, view: stepView(step, source, store.attempts(runId, [step.id]), load, list) };
}

function loadSmall(store: Reader, ref: BlobRef): Json {
  return ref.bytes > VALUE_MAX_BYTES ? keepReference(ref) : store.blob(ref);
}

/** In place of the results of all items, which are steps of their own. */
export function listAsCount(source: ScopeSource): (step: CompiledStep) => Json {
  return (step) => ({ $items: fanOf(source, step.index)?.of.keys.length ?? 0 });
}

export function keepReference({ $blob, bytes }: BlobRef): Json {
  return { $blob, bytes };
}

function sizeOf(output: Json): number {
  return typeof output !== "object" || isBlobRef(output) ? (typeof output === "string" ? output.length : 0) : JSON.stringify(output).length;
}

function topOf(state: string): string {
  const dot = state.indexOf(".");
  return dot < 0 ? state : state.slice(0, dot);
}
