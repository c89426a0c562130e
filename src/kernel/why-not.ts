/** Why a run or a step does not go on: what each actor waits for, and which events it would answer. */
import { POISON_CRASHES } from "../../actors/step/step.machine.ts";
import type { LoadBlob } from "../core/blob.ts";
import { toError } from "../core/errors.ts";
import { itemId } from "../core/item-id.ts";
import type { JsonObject } from "../core/json.ts";
import { traceCondition } from "../expression/trace.ts";
import type { Parking } from "../plan/parking.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import type { ActorId } from "./entry.ts";
import { runReducer, stepReducer } from "./machine.ts";
import { itemAt } from "./paged.ts";
import { fanOf, stepById, stepsOf } from "./roster.ts";
import { runScope, sourceOf } from "./scope.ts";
import { isFinalStep, isHolding, type RunSnapshot, runState, type StepSlot } from "./snapshot.ts";

export type WaitsFor =
  | { readonly kind: "steps"; readonly steps: readonly string[] }
  | { readonly kind: "lock"; readonly steps: readonly string[] }
  | { readonly kind: "place" }
  | { readonly kind: "attempt"; readonly attempt: number; readonly dueAt: number | null }
  | { readonly kind: "timer"; readonly dueAt: number }
  | { readonly kind: "person"; readonly reason: string }
  | { readonly kind: "resume" }
  /** A decision, an event, a call back, another run, or only the time. */
  | { readonly kind: "answer"; readonly parking: Parking; readonly dueAt: number | null }
  | { readonly kind: "items"; readonly open: number; readonly of: number }
  | { readonly kind: "nothing"; readonly reason: string };

export interface Waiting {
  readonly actor: ActorId;
  readonly state: string;
  readonly waitsFor: WaitsFor;
  /** Events that its statechart answers in this state. */
  readonly enabled: readonly string[];
  /** The step's condition with the values of its operands, or with the `error` that kept it from being evaluated; null where it has none. */
  readonly condition: JsonObject | null;
}

/** Explains one step, or the run and the steps that have not ended, as many as are wanted. Total: what cannot be found out is told as that. */
export function whyNot(
  workflow: CompiledWorkflow,
  snapshot: RunSnapshot,
  stepId?: string,
  load: LoadBlob = refuse,
  limit: number = Number.POSITIVE_INFINITY,
): readonly Waiting[] {
  if (stepId !== undefined) {
    const step = stepById({ workflow, fans: snapshot.fans }, stepId);
    return step === undefined ? [] : [whyStep(workflow, snapshot, step, load)];
  }
  const open: CompiledStep[] = [];
  for (const step of stepsOf({ workflow, fans: snapshot.fans })) {
    if (open.length >= limit) break;
    if (!isFinalStep(itemAt(snapshot.steps, step.index).state)) open.push(step);
  }
  return [whyRun(snapshot), ...open.map((step) => whyStep(workflow, snapshot, step, load))];
}

const refuse: LoadBlob = (ref) => {
  throw new RangeError(`it reads a value of ${ref.bytes} bytes, which is not loaded here`);
};

function whyRun(snapshot: RunSnapshot): Waiting {
  const { run } = snapshot;
  return { actor: "run", state: runState(snapshot), waitsFor: runWaitsFor(snapshot), enabled: runReducer.eventsIn(run), condition: null };
}

function runWaitsFor(snapshot: RunSnapshot): WaitsFor {
  const state = runState(snapshot);
  const { context } = snapshot.run;
  if (state === "quarantined") return { kind: "person", reason: context.reason ?? "" };
  if (state === "running.paused") return { kind: "resume" };
  if (state.startsWith("running.") || state === "pending") return { kind: "steps", steps: [] };
  return { kind: "nothing", reason: context.error?.failure.title ?? `it has ${state}` };
}

function whyStep(workflow: CompiledWorkflow, snapshot: RunSnapshot, step: CompiledStep, load: LoadBlob): Waiting {
  const slot = itemAt(snapshot.steps, step.index);
  return {
    actor: step.id,
    state: slot.state,
    waitsFor: stepWaitsFor(workflow, snapshot, step, slot),
    enabled: stepReducer.eventsIn(slot.actor),
    condition: conditionOf(workflow, snapshot, step, slot, load),
  };
}

function stepWaitsFor(workflow: CompiledWorkflow, snapshot: RunSnapshot, step: CompiledStep, slot: StepSlot): WaitsFor {
  const { attempt, dueAt, failure, skipped, parked } = slot.actor.context;
  const paused = runState(snapshot) === "running.paused";
  switch (slot.state) {
    case "pending.blocked": {
      const open = step.needs.map(({ from }) => from).filter((from) => !isFinalStep(itemAt(snapshot.steps, from).state));
      if (open.length > 0) return { kind: "steps", steps: namesOf(workflow, open) };
      const holders = step.conflicts.filter((other) => isHolding(itemAt(snapshot.steps, other).state));
      return { kind: "lock", steps: namesOf(workflow, holders) };
    }
    case "pending.queued":
    case "running.waiting":
      return paused ? { kind: "resume" } : { kind: "place" };
    case "running.executing":
    case "running.stopping":
      return { kind: "attempt", attempt, dueAt };
    case "running.parked":
      return { kind: "answer", parking: parked?.parking ?? { kind: "timer" }, dueAt };
    case "running.fanned": {
      const fan = fanOf(snapshot, step.index);
      return { kind: "items", open: fan?.open ?? 0, of: fan?.of.keys.length ?? 0 };
    }
    case "retrying":
      return { kind: "timer", dueAt: dueAt ?? 0 };
    case "quarantined":
      return { kind: "person", reason: reasonForPerson(step, slot) };
    case "skipped":
      return { kind: "nothing", reason: skipped?.text ?? "it was skipped" };
    case "canceled":
      return { kind: "nothing", reason: endedBySibling(workflow, snapshot, step) ?? `it has ${slot.state}` };
    default:
      return { kind: "nothing", reason: failure === null || slot.state !== "failed" ? `it has ${slot.state}` : failure.title };
  }
}

/** Of an item that was canceled because another one failed. */
function endedBySibling({ steps }: CompiledWorkflow, snapshot: RunSnapshot, { item }: CompiledStep): string | null {
  const fan = item === null ? undefined : fanOf(snapshot, item.of);
  const of = steps[item?.of ?? -1];
  if (fan === undefined || fan.firstFailed < 0 || of?.fanOut?.onItemError !== "fail") return null;
  const failed = itemId(of.id, fan.of.keys[fan.firstFailed - fan.of.base] ?? "");
  return `\`${failed}\` failed, and \`on_item_error: fail\` ends the others`;
}

/** Why a person has to decide about a quarantined step, and what has become known of its attempt since. */
export function reasonForPerson(step: CompiledStep, { actor }: StepSlot): string {
  const { crashes, orphaned, attempt, failure, late } = actor.context;
  if (crashes >= POISON_CRASHES)
    return failure?.class === "lost" ? `its attempts kept being lost: ${failure.title}` : "its attempts kept dying with the engine";
  // A failure that it remembers may be that of an attempt before.
  const isAsked = orphaned === attempt && step.onEngineCrash === "quarantine";
  if (!isAsked && failure !== null) return failure.title;
  const since = late === null ? "what it started may still be running" : `its attempt has ended since: ${late.kind.replaceAll("_", " ")}`;
  return `its engine died, and \`on_engine_crash: quarantine\` asks a person; ${since}`;
}

function conditionOf(
  workflow: CompiledWorkflow,
  snapshot: RunSnapshot,
  step: CompiledStep,
  slot: StepSlot,
  load: LoadBlob,
): JsonObject | null {
  const { skipped } = slot.actor.context;
  if (skipped?.trace !== undefined) return skipped.trace;
  if (step.when === null || slot.unmet > 0) return null;
  try {
    const trace = traceCondition(step.when.expression, runScope(sourceOf(workflow, snapshot), load, { step }));
    return trace as unknown as JsonObject; // A trace holds nothing but JSON.
  } catch (thrown) {
    // A value that cannot be loaded: the rest of the answer stands.
    return { text: step.when.source, error: toError(thrown).message, children: [] };
  }
}

function namesOf(workflow: CompiledWorkflow, indices: readonly number[]): readonly string[] {
  return indices.map((index) => workflow.steps[index]?.id ?? "");
}
