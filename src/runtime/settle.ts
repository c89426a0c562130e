/** Turns what an executor answered into the outcome of the attempt: schemas, stops, fallback values, blobs. */
import type { TaskFailure } from "../core/failure.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { Scope } from "../expression/scope.ts";
import type { AttemptOutcome } from "../kernel/cause.ts";
import { evaluateFields } from "../plan/evaluate-field.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import type { Execution } from "../ports/attempt.ts";
import type { AttemptRunner, NewBlob } from "../ports/attempt-runner.ts";
import type { EvaluatingContext } from "./attempt-context.ts";
import { toFailure } from "./classify.ts";
import { isFault } from "./fault.ts";
import { type DigestText, offload } from "./stored.ts";

/** One violation of a JSON Schema, in words. */
export interface SchemaViolation {
  readonly path: string;
  readonly message: string;
  readonly keyword: string;
}

/** Checks data against a schema; paths in the answer begin with `root`. */
export type ValidateData = (schema: JsonObject, data: Json, root: string) => readonly SchemaViolation[];

export interface SettlerOptions {
  readonly validate: ValidateData;
  readonly digest: DigestText;
}

export interface Settled {
  readonly outcome: AttemptOutcome;
  readonly blobs: readonly NewBlob[];
}

const NO_BLOBS: readonly NewBlob[] = [];

/** Why the step's input does not fit its schema; null when it does. */
export function checkInput(context: EvaluatingContext, { validate }: SettlerOptions): TaskFailure | null {
  const { inputSchema } = context.request.step;
  if (inputSchema === null) return null;
  return violation("INPUT_SCHEMA", "The input does not fit its schema.", validate(inputSchema, context.value("with") ?? {}, "input"));
}

/** @throws DefinitionError EXPR_* when the fallback value of a time-out cannot be made */
export function settle(context: EvaluatingContext, execution: Execution, options: SettlerOptions): Settled {
  switch (execution.kind) {
    case "succeeded":
      return succeed(execution.output, options);
    case "parked":
      return { outcome: { kind: "parked", until: execution.until }, blobs: NO_BLOBS };
    case "failed":
      return context.signal.aborted ? stopped(context, execution.failure.title, options) : bare(execution.failure);
    case "timed_out":
      return timedOut(context, execution.detail, options);
    case "stopped":
      return stopped(context, "It was stopped.", options);
    case "lost": {
      const { reason, withEngine = false } = execution;
      const failure: TaskFailure = { class: "lost", code: "LOST", title: reason };
      return { outcome: { kind: "lost", reason, failure, ...(withEngine && { withEngine }) }, blobs: NO_BLOBS };
    }
    case "not_started":
      return { outcome: { kind: "not_started", reason: execution.reason }, blobs: NO_BLOBS };
  }
}

/** @throws what keeps a value from being read: that is no failure of the run's */
export function makeOutput(workflow: CompiledWorkflow, scope: Scope, options: SettlerOptions): ReturnType<AttemptRunner["makeOutput"]> {
  try {
    const output = workflow.output === null ? null : evaluateFields(workflow.output, scope);
    const failure = checkOutput(workflow.outputSchema, output, "The run's output does not fit its schema.", options);
    if (failure !== null) return { result: { ok: false, failure }, blobs: NO_BLOBS };
    const { stored, blobs } = offload(output, options.digest);
    return { result: { ok: true, output: stored }, blobs };
  } catch (thrown) {
    if (isFault(thrown)) throw thrown;
    return { result: { ok: false, failure: toFailure(thrown) }, blobs: NO_BLOBS };
  }
}

/** A failure with nothing that would have to be kept beside it. */
export function bare(failure: TaskFailure): Settled {
  return { outcome: { kind: "failed", failure }, blobs: NO_BLOBS };
}

/** A success whose output breaks the step's schema is a failure. */
export function checkedOutput({ outputSchema }: CompiledStep, execution: Execution, options: SettlerOptions): Execution {
  if (execution.kind !== "succeeded") return execution;
  const failure = checkOutput(outputSchema, execution.output, "The output does not fit its schema.", options);
  if (failure === null) return execution;
  return { kind: "failed", failure, ...(execution.usage !== undefined && { usage: execution.usage }) };
}

function succeed(output: Json, options: SettlerOptions): Settled {
  const { stored, blobs } = offload(output, options.digest);
  return { outcome: { kind: "succeeded", output: stored }, blobs };
}

function stopped(context: EvaluatingContext, detail: string, options: SettlerOptions): Settled {
  if (context.signal.reason === "timeout") return timedOut(context, detail, options);
  return { outcome: { kind: "stopped" }, blobs: NO_BLOBS };
}

function timedOut(context: EvaluatingContext, detail: string, options: SettlerOptions): Settled {
  const { timeout } = context.request.step;
  const title = timeout === null ? "It ran past its deadline." : `It ran longer than ${timeout.afterMs} ms.`;
  const failure: TaskFailure = { class: "timeout", code: "TIMEOUT", title, detail };
  const value = timeout?.then === "fallback" ? timeout.value : null;
  if (value === null) return { outcome: { kind: "timed_out", failure, fallback: null }, blobs: NO_BLOBS };
  const { stored, blobs } = offload(context.evaluate(value), options.digest);
  return { outcome: { kind: "timed_out", failure, fallback: stored }, blobs };
}

function checkOutput(schema: JsonObject | null, output: Json, title: string, { validate }: SettlerOptions): TaskFailure | null {
  return schema === null ? null : violation("OUTPUT_SCHEMA", title, validate(schema, output, "output"));
}

/** All violations at once: a person who mends one should not have to run again to hear of the next. */
function violation(code: string, title: string, violations: readonly SchemaViolation[]): TaskFailure | null {
  if (violations.length === 0) return null;
  const detail = violations.map(({ path, message }) => `${path}: ${message}`).join("\n");
  const errors = violations.map(({ path, message, keyword }) => ({ path, message, keyword }));
  return { class: "validation", code, title, detail, extra: { errors } };
}
