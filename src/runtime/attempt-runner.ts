/**
 * Runs attempts: input schema, breaker, executor, classification, output schema, blobs.
 *
 * R1 It never rejects: whatever is thrown, by us or by a step type, becomes the outcome of this attempt alone (I-35).
 * R2 It never repeats anything: the next attempt is the machine's decision.
 * R3 An attempt that was told to stop and then fails was stopped; one that succeeds all the same has succeeded.
 */
import type { TaskFailure } from "../core/failure.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { Scope } from "../expression/scope.ts";
import type { AttemptOutcome, AttemptUsage } from "../kernel/cause.ts";
import type { AttemptRequest, Execution, StepType } from "../ports/attempt.ts";
import type { AttemptReport, AttemptRunner, NewBlob } from "../ports/attempt-runner.ts";
import type { Breakers } from "../ports/breaker.ts";
import type { Clock } from "../ports/clock.ts";
import { EvaluatingContext } from "./attempt-context.ts";
import { countsAgainstTarget, toFailure } from "./classify.ts";
import { evaluateFields } from "./field.ts";
import { createProgress } from "./progress.ts";
import { type DigestText, offload } from "./stored.ts";

/** One violation of a JSON Schema, in words. */
export interface SchemaViolation {
  readonly path: string;
  readonly message: string;
  readonly keyword: string;
}

/** Checks data against a schema; paths in the answer begin with `root`. */
export type ValidateData = (schema: JsonObject, data: Json, root: string) => readonly SchemaViolation[];

export interface AttemptRunnerOptions {
  readonly stepTypes: ReadonlyMap<string, StepType>;
  readonly breakers: Breakers;
  readonly clock: Clock;
  readonly validate: ValidateData;
  readonly digest: DigestText;
  /** Secret texts that captured output must not show, in every form in which they may appear. */
  readonly masks?: (request: AttemptRequest) => readonly string[];
}

/** Longest wait for an open breaker before the attempt is handed back; it is then dispatched again with the same number (I-36). */
export const BREAKER_WAIT_MAX_MS = 5_000;

const NO_MASKS: readonly string[] = [];

export function createAttemptRunner(options: AttemptRunnerOptions): AttemptRunner {
  const { stepTypes, breakers, clock, validate, digest } = options;

  function contextFor(request: AttemptRequest, scope: Scope, signal: AbortSignal, progress: (data: JsonObject) => void): EvaluatingContext {
    return new EvaluatingContext(request, scope, signal, progress, options.masks?.(request) ?? NO_MASKS);
  }

  function typeOf(request: AttemptRequest): StepType {
    const type = stepTypes.get(request.step.type);
    if (type === undefined) throw Object.assign(new Error(`This engine has no step type \`${request.step.type}\`.`), { code: "STEP_TYPE_UNKNOWN", class: "permanent" });
    return type;
  }

  function checkInput(context: EvaluatingContext): TaskFailure | null {
    const { inputSchema } = context.request.step;
    if (inputSchema === null) return null;
    return violation("INPUT_SCHEMA", "The input does not fit its schema.", validate(inputSchema, context.value("with") ?? {}, "input"));
  }

  function throughBreaker(type: StepType, context: EvaluatingContext): Promise<Execution> {
    const target = type.target?.(context) ?? null;
    if (target === null) return type.execute(context);
    const call = breakers.call(target, () => execute(type, context), isTargetFailure);
    return call.then((answer) => ("open" in answer ? waitForBreaker(target, answer.retryAfterMs, context.signal) : answer));
  }

  async function waitForBreaker(target: string, retryAfterMs: number, signal: AbortSignal): Promise<Execution> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const onAbort = (): void => resolve();
    signal.addEventListener("abort", onAbort, { once: true });
    using _timer = clock.wakeAt(clock.now() + Math.min(retryAfterMs, BREAKER_WAIT_MAX_MS), resolve);
    if (!signal.aborted) await promise;
    signal.removeEventListener("abort", onAbort);
    return signal.aborted ? { kind: "stopped" } : { kind: "not_started", reason: `The breaker of ${target} is open.` };
  }

  function report(context: EvaluatingContext, startedAt: number, execution: Execution): AttemptReport {
    const used = execution.kind === "not_started" ? undefined : execution.usage;
    const { outcome, blobs } = settle(context, execution);
    return { outcome, usage: usageOf(startedAt, clock.now(), used), blobs };
  }

  function settle(context: EvaluatingContext, execution: Execution): Settled {
    switch (execution.kind) {
      case "succeeded":
        return succeed(context, execution.output);
      case "failed":
        return context.signal.aborted ? stopped(context, execution.failure.title) : bare({ kind: "failed", failure: execution.failure });
      case "timed_out":
        return timedOut(context, execution.detail);
      case "stopped":
        return stopped(context, "It was stopped.");
      case "lost":
        return bare({ kind: "lost", reason: execution.reason, failure: { class: "lost", code: "LOST", title: execution.reason } });
      case "not_started":
        return bare(execution);
    }
  }

  function succeed(context: EvaluatingContext, output: Json): Settled {
    const { outputSchema } = context.request.step;
    const failure = outputSchema === null ? null : violation("OUTPUT_SCHEMA", "The output does not fit its schema.", validate(outputSchema, output, "output"));
    if (failure !== null) return bare({ kind: "failed", failure });
    const { stored, blobs } = offload(output, digest);
    return { outcome: { kind: "succeeded", output: stored }, blobs };
  }

  function stopped(context: EvaluatingContext, detail: string): Settled {
    return context.signal.reason === "timeout" ? timedOut(context, detail) : bare({ kind: "stopped" });
  }

  function timedOut(context: EvaluatingContext, detail: string): Settled {
    const { timeout } = context.request.step;
    const failure = timeoutFailure(timeout?.afterMs ?? null, detail);
    if (timeout === null || timeout.then !== "fallback" || timeout.value === null) return bare({ kind: "timed_out", failure, fallback: null });
    const { stored, blobs } = offload(context.evaluate(timeout.value), digest);
    return { outcome: { kind: "timed_out", failure, fallback: stored }, blobs };
  }

  /** R1: the one place where what is thrown ends. */
  function rescue(context: EvaluatingContext, startedAt: number, thrown: unknown): AttemptReport {
    const failure = toFailure(thrown);
    const usage = usageOf(startedAt, clock.now(), undefined);
    try {
      const { outcome, blobs } = settle(context, { kind: "failed", failure });
      return { outcome, usage, blobs };
    } catch (error) {
      // The fallback value itself could not be made.
      return { outcome: { kind: "failed", failure: toFailure(error) }, usage, blobs: [] };
    }
  }

  return {
    async run(request, scope, signal, progress) {
      const startedAt = clock.now();
      using slowed = createProgress(progress, clock);
      const context = contextFor(request, scope, signal, slowed.report);
      try {
        const type = typeOf(request);
        const failure = checkInput(context);
        return report(context, startedAt, failure === null ? await throughBreaker(type, context) : { kind: "failed", failure });
      } catch (thrown) {
        return rescue(context, startedAt, thrown);
      }
    },
    async reattach(request, scope, signal, mode) {
      const startedAt = clock.now();
      const context = contextFor(request, scope, signal, () => undefined);
      try {
        const { reattach } = typeOf(request);
        const lost: Execution = { kind: "lost", reason: "Its engine ended, and an attempt of this type ends with its engine." };
        return report(context, startedAt, reattach === undefined ? lost : await reattach(context, mode));
      } catch (thrown) {
        return rescue(context, startedAt, thrown);
      }
    },
    makeOutput(workflow, scope) {
      try {
        const output = workflow.output === null ? null : evaluateFields(workflow.output, scope);
        const { outputSchema } = workflow;
        const failure = outputSchema === null ? null : violation("OUTPUT_SCHEMA", "The run's output does not fit its schema.", validate(outputSchema, output, "output"));
        if (failure !== null) return { result: { ok: false, failure }, blobs: [] };
        const { stored, blobs } = offload(output, digest);
        return { result: { ok: true, output: stored }, blobs };
      } catch (thrown) {
        return { result: { ok: false, failure: toFailure(thrown) }, blobs: [] };
      }
    },
  };
}

interface Settled {
  readonly outcome: AttemptOutcome;
  readonly blobs: readonly NewBlob[];
}

const NO_BLOBS: readonly NewBlob[] = [];

function bare(outcome: AttemptOutcome): Settled {
  return { outcome, blobs: NO_BLOBS };
}

/** Inside the breaker a rejection has to be a value, so that it can be told whose fault it was. */
async function execute(type: StepType, context: EvaluatingContext): Promise<Execution> {
  try {
    return await type.execute(context);
  } catch (thrown) {
    return { kind: "failed", failure: toFailure(thrown) };
  }
}

function isTargetFailure(execution: Execution): boolean {
  return execution.kind === "timed_out" || (execution.kind === "failed" && countsAgainstTarget(execution.failure));
}

function usageOf(startedAt: number, endedAt: number, used: Partial<AttemptUsage> | undefined): AttemptUsage {
  return used === undefined ? { startedAt, endedAt } : { startedAt, endedAt, ...used };
}

function timeoutFailure(afterMs: number | null, detail: string): TaskFailure {
  return { class: "timeout", code: "TIMEOUT", title: afterMs === null ? "It ran past its deadline." : `It ran longer than ${afterMs} ms.`, detail };
}

/** All violations at once: a person who mends one should not have to run again to hear of the next. */
function violation(code: string, title: string, violations: readonly SchemaViolation[]): TaskFailure | null {
  if (violations.length === 0) return null;
  const detail = violations.map(({ path, message }) => `${path}: ${message}`).join("\n");
  const errors = violations.map(({ path, message, keyword }) => ({ path, message, keyword }));
  return { class: "validation", code, title, detail, extra: { errors } };
}

