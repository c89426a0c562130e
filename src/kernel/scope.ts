/** What expressions of a run can see: its input, context and the steps that have ended. Reads only what an expression names. */
import { isBlobRef, type LoadBlob, type Stored } from "../core/blob.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type { Scope } from "../expression/scope.ts";
import { lazyFields } from "../plan/lazy-fields.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import { itemAt } from "./paged.ts";
import { fanOf, itemView, type Roster } from "./roster.ts";
import { isFinalStep, type RunSnapshot, type StepSlot } from "./snapshot.ts";

export type { Scope } from "../expression/scope.ts";

/** The part of a snapshot, or of a decision in the making, that a scope reads. */
export interface ScopeSource extends Roster {
  readonly start: RunSnapshot["start"];
  slot(index: number): StepSlot;
}

export function sourceOf(workflow: CompiledWorkflow, { start, fans, steps }: RunSnapshot): ScopeSource {
  return { workflow, start, fans, slot: (index) => itemAt(steps, index) };
}

/** For whom a scope is: `step` lends its environment to `env`, over the workflow's, and its item; `error` is what a `catch` looks at. */
export interface ScopeFor {
  readonly step?: CompiledStep;
  readonly error?: Json;
}

export function runScope(source: ScopeSource, load: LoadBlob, { step: forStep, error }: ScopeFor = {}): Scope {
  const { start, workflow } = source;
  const scope: Scope = {
    value(root) {
      switch (root) {
        case "input":
          return resolve(start.input, load);
        case "context":
          return start.context;
        case "run":
          return runView(start);
        case "env":
          return environmentOf(workflow, forStep, scope);
        case "item":
          // An ItemView holds nothing but JSON.
          return forStep === undefined ? undefined : (itemView(source, forStep, load) as unknown as JsonObject | undefined);
        case "error":
          return error;
        default:
          return undefined;
      }
    },
    step(id) {
      const step = workflow.steps[workflow.indexOf.get(id) ?? -1];
      return step && stepView(step, source, load);
    },
    stepNames: () => workflow.steps.map((step) => step.id),
  };
  return scope;
}

/** Declared names only; their own values cannot refer to `env`. One that holds a secret cannot be read here, and is in no other's way. */
function environmentOf(workflow: CompiledWorkflow, step: CompiledStep | undefined, scope: Scope): Json {
  const outer: Scope = { ...scope, value: (root) => (root === "env" ? undefined : scope.value(root)) };
  return lazyFields({ ...workflow.env, ...step?.env }, outer);
}

function resolve(value: Stored, load: LoadBlob): Json {
  return isBlobRef(value) ? load(value) : value;
}

function runView(start: RunSnapshot["start"]): JsonObject {
  const { runId, workflow, tenant, priority, workspace, labels } = start;
  return { id: runId, workflow, tenant, priority, workspace, labels: { ...labels }, parent: start.parent?.runId ?? null };
}

/** `output` exists for succeeded steps only, so that reading it from any other is the error it should be. */
function stepView(step: CompiledStep, source: ScopeSource, load: LoadBlob): JsonObject {
  const slot = source.slot(step.index);
  const { attempt, failure, startedAt, endedAt } = slot.actor.context;
  const view = {
    status: isFinalStep(slot.state) ? slot.state : (slot.state.split(".")[0] ?? ""),
    error: failure as unknown as Json, // A TaskFailure holds nothing but JSON.
    attempts: attempt,
    duration: startedAt === null || endedAt === null ? null : endedAt - startedAt,
  };
  if (step.fanOut !== null) return fanView(view, step, source, load);
  if (slot.state !== "succeeded") return view;
  return { ...view, output: named(step, resolve(slot.actor.context.output, load)) };
}

/** In the seed dialect a step's output is known by its variable too: `$step1.<variable>` (language §2). */
function named(step: CompiledStep, output: Json): Json {
  const { outputVariable } = step;
  if (outputVariable === null) return output;
  if (!isJsonObject(output)) return { [outputVariable]: output };
  if (Object.hasOwn(output, outputVariable)) return output;
  // Found by name, yet no member: handed on as a whole, an output does not hold itself.
  return Object.defineProperty({ ...output }, outputVariable, { value: output, enumerable: false });
}

/**
 * A fan-out's output is made of its items when it is asked for: it is nowhere stored a second time. One that was taken over from an
 * earlier run has no items here, but the list.
 */
function fanView(view: JsonObject, step: CompiledStep, source: ScopeSource, load: LoadBlob): JsonObject {
  if (source.slot(step.index).state !== "succeeded") return view;
  const list = (): readonly JsonObject[] => fanOutput(step, source, load);
  return Object.defineProperties({ ...view } as { [name: string]: Json }, {
    output: { enumerable: true, get: list },
    by_key: { enumerable: true, get: () => Object.fromEntries(list().map((item) => [String(item.key), item])) },
  });
}

/** `{ key, index, status, output, error }` of every item, in order (language §6). */
export function fanOutput(step: CompiledStep, source: ScopeSource, load: LoadBlob): readonly JsonObject[] {
  const fan = fanOf(source, step.index);
  if (fan === undefined) {
    const carried = resolve(source.slot(step.index).actor.context.output, load);
    return Array.isArray(carried) ? (carried as readonly JsonObject[]) : []; // Written as the list that this function made.
  }
  return fan.of.keys.map((key, index) => {
    const { state, actor } = source.slot(fan.of.base + index);
    const { output, failure } = actor.context;
    return {
      key,
      index,
      status: state,
      output: state === "succeeded" ? resolve(output, load) : null,
      error: state === "succeeded" ? null : (failure as unknown as Json), // As above.
    };
  });
}
