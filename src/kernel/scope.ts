/** What expressions of a run can see: its input, context and the steps that have ended. Reads only what an expression names. */
import { isBlobRef, type LoadBlob, type Stored } from "../core/blob.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type { Scope } from "../expression/scope.ts";
import { evaluateFields } from "../plan/evaluate-field.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import { itemAt } from "./paged.ts";
import { isFinalStep, type RunSnapshot, type StepSlot } from "./snapshot.ts";

export type { Scope } from "../expression/scope.ts";

/** The part of a snapshot, or of a decision in the making, that a scope reads. */
export interface ScopeSource {
  readonly start: RunSnapshot["start"];
  slot(index: number): StepSlot;
}

export function sourceOf(snapshot: RunSnapshot): ScopeSource {
  return { start: snapshot.start, slot: (index) => itemAt(snapshot.steps, index) };
}

/** `forStep` lends its own environment to `env`, over the workflow's. */
export function runScope(workflow: CompiledWorkflow, source: ScopeSource, load: LoadBlob, forStep?: CompiledStep): Scope {
  const { start } = source;
  const scope: Scope = {
    value(root) {
      if (root === "input") return resolve(start.input, load);
      if (root === "context") return start.context;
      if (root === "run") return runView(start);
      return root === "env" ? environmentOf(workflow, forStep, scope) : undefined;
    },
    step(id) {
      const index = workflow.indexOf.get(id);
      const step = index === undefined ? undefined : workflow.steps[index];
      return step && stepView(step, source.slot(step.index), load);
    },
    stepNames: () => workflow.steps.map((step) => step.id),
  };
  return scope;
}

/** Declared names only; their own values cannot refer to `env`. */
function environmentOf(workflow: CompiledWorkflow, step: CompiledStep | undefined, scope: Scope): Json {
  const outer: Scope = { ...scope, value: (root) => (root === "env" ? undefined : scope.value(root)) };
  return evaluateFields({ ...workflow.env, ...step?.env }, outer);
}

function resolve(value: Stored, load: LoadBlob): Json {
  return isBlobRef(value) ? load(value) : value;
}

function runView(start: RunSnapshot["start"]): JsonObject {
  const { runId, workflow, tenant, priority, workspace, labels } = start;
  return { id: runId, workflow, tenant, priority, workspace, labels: { ...labels }, parent: start.parent?.runId ?? null };
}

/** `output` exists for succeeded steps only, so that reading it from any other is the error it should be. */
function stepView(step: CompiledStep, slot: StepSlot, load: LoadBlob): JsonObject {
  const { attempt, failure, startedAt, endedAt } = slot.actor.context;
  const view = {
    status: isFinalStep(slot.state) ? slot.state : (slot.state.split(".")[0] ?? ""),
    error: failure as unknown as Json, // A TaskFailure holds nothing but JSON.
    attempts: attempt,
    duration: startedAt === null || endedAt === null ? null : endedAt - startedAt,
  };
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
