/**
 * Runs attempts: input schema, breaker, executor, classification, output schema, blobs.
 *
 * R1 It never rejects: whatever is thrown, by us or by a step type, becomes the outcome of this attempt alone (I-35).
 * R2 It never repeats anything: the next attempt is the machine's decision.
 * R3 An attempt that was told to stop and then fails was stopped; one that succeeds all the same has succeeded.
 * R4 A value that could not be read is not the author's failure.
 * R5 Nothing that it tells holds a secret: what executors and layers answer is looked through before it goes anywhere (S-38).
 */
import { toError } from "../core/errors.ts";
import { hideSecrets } from "../core/hide-secrets.ts";
import type { JsonObject } from "../core/json.ts";
import type { Scope } from "../expression/scope.ts";
import type { AttemptUsage } from "../kernel/cause.ts";
import { mayRepeat } from "../kernel/verdict.ts";
import { evaluateField } from "../plan/evaluate-field.ts";
import type { FanOut } from "../plan/step-policies.ts";
import type { AttemptContext, AttemptRequest, Execution, StepType } from "../ports/attempt.ts";
import type { AttemptLayer, InnerAttempt } from "../ports/attempt-layer.ts";
import type { AttemptReport, AttemptRunner } from "../ports/attempt-runner.ts";
import type { Breakers, CallVerdict } from "../ports/breaker.ts";
import type { Clock } from "../ports/clock.ts";
import type { ExecutionRequest } from "../ports/execution-request.ts";
import type { Secrets, SecretTexts } from "../ports/secrets.ts";
import { EvaluatingContext, type Surroundings } from "./attempt-context.ts";
import { countsAgainstTarget, toFailure } from "./classify.ts";
import { toExecutionRequest } from "./execution-request.ts";
import { type EvaluateForItem, fanOut } from "./fan-out.ts";
import { faultyExecution, isFault } from "./fault.ts";
import { createProgress } from "./progress.ts";
import { scopeWithSecrets } from "./secret-scope.ts";
import { bare, checkedOutput, checkInput, makeOutput, type Settled, type SettlerOptions, settle } from "./settle.ts";

export interface AttemptRunnerOptions extends SettlerOptions {
  readonly stepTypes: ReadonlyMap<string, StepType>;
  readonly breakers: Breakers;
  readonly clock: Clock;
  /** What execution requests must look like. @defaultValue anything */
  readonly requestSchema?: JsonObject;
  /** What stands around attempts, outermost first. @defaultValue none */
  readonly layers?: readonly AttemptLayer[];
  /** @defaultValue none */
  readonly secrets?: Secrets;
}

/** Longest wait for an open breaker before the attempt is handed back; it is then dispatched again with the same number (I-36). */
const BREAKER_WAIT_MAX_MS = 5_000;

const NO_SECRETS: SecretTexts = { values: {}, masks: [] };

/** Runs attempts in their layers and breakers, and answers each with what is recorded of it: whatever a step type does, it never throws. */
export function createAttemptRunner(options: AttemptRunnerOptions): AttemptRunner {
  const { stepTypes, clock } = options;

  function contextFor(request: AttemptRequest, around: Omit<Surroundings, "masks" | "fault">): EvaluatingContext {
    const { values, masks } = options.secrets?.of(request.workflow) ?? NO_SECRETS;
    const hasSecrets = Object.keys(request.workflow.secrets).length > 0;
    const scope = hasSecrets ? scopeWithSecrets(around.scope, request, values) : around.scope;
    const progress = masks.length === 0 ? around.progress : (data: JsonObject) => around.progress(hideSecrets(data, masks));
    return new EvaluatingContext(request, { ...around, scope, progress, masks, fault: null });
  }

  /** R1: the one place where what is thrown ends. */
  async function report(context: EvaluatingContext, execute: (type: StepType) => Promise<Execution>): Promise<AttemptReport> {
    const startedAt = clock.now();
    let asked: ExecutionRequest | null = null;
    let execution: Execution;
    try {
      const type = typeOf(stepTypes, context.request.step.type);
      asked = type.asksTools === true ? toExecutionRequest(context, options.digest) : null;
      execution = (asked && refuseRequest(asked, options)) ?? (await execute(type));
    } catch (thrown) {
      execution = { kind: "failed", failure: toFailure(thrown) };
    }
    const shown = hideSecrets(execution, context.masks);
    const usage = usageOf(startedAt, clock.now(), shown, asked);
    const { outcome, blobs } = outcomeOf(context, shown);
    return { outcome: hideSecrets(outcome, context.masks), usage, blobs };
  }

  /** R4. */
  function outcomeOf(context: EvaluatingContext, execution: Execution): Settled {
    try {
      const isFaulty = context.fault !== null && execution.kind === "failed";
      const met = isFaulty ? faultyExecution(context.fault, mayRepeat(context.request.step)) : execution;
      return settle(context, met, options);
    } catch (thrown) {
      return context.fault === null ? bare(toFailure(thrown)) : settle(context, faultyExecution(context.fault, false), options);
    }
  }

  /** The items of a fan-out are attempts of their own; this one only finds out what they are. */
  function expand(fan: FanOut, scope: Scope): AttemptReport {
    const startedAt = clock.now();
    const evaluate: EvaluateForItem = (field, item) =>
      evaluateField(field, item === undefined ? scope : { ...scope, value: (root) => (root === "item" ? item : scope.value(root)) });
    const { outcome, blobs } = orFailure(() => fanOut(fan, evaluate, options.digest));
    return { outcome, usage: { endedAt: clock.now(), startedAt }, blobs };
  }

  return {
    prepare(request) {
      // Most of these find their result in the cache, and a lost one is run again: there is nothing to tell apart.
      if (request.step.cache !== null && mayRepeat(request.step)) return;
      try {
        stepTypes.get(request.step.type)?.prepare?.(request);
      } catch {
        // Best effort: without it, the attempt counts as lost when its engine dies now.
      }
    },
    async run(request, scope, signal, progress) {
      using slowed = createProgress(progress, clock);
      const context = contextFor(request, { scope, signal, progress: slowed.report, isReattached: false });
      if (request.step.fanOut !== null) return expand(request.step.fanOut, scope);
      return await report(context, (type) => {
        const failure = checkInput(context, options);
        if (failure !== null) return Promise.resolve({ kind: "failed", failure });
        return throughLayers(context, options, (inner) => throughBreaker(type, inner, options));
      });
    },
    reattach(request, scope, signal, mode) {
      const context = contextFor(request, { scope, signal, progress: () => undefined, isReattached: true });
      return report(context, (type) =>
        throughLayers(
          context,
          options,
          (inner) => type.reattach?.(inner, inner.mustEnd ? "kill" : mode) ?? Promise.resolve(ENDED_WITH_ENGINE),
        ),
      );
    },
    makeOutput: (workflow, scope) => makeOutput(workflow, scope, options),
  };
}

const ENDED_WITH_ENGINE: Execution = {
  kind: "lost",
  withEngine: true,
  reason: "Its engine ended, and an attempt of this type ends with its engine.",
};

function typeOf(stepTypes: ReadonlyMap<string, StepType>, name: string): StepType {
  const type = stepTypes.get(name);
  if (type !== undefined) return type;
  throw Object.assign(new Error(`This engine has no step type \`${name}\`.`), { code: "STEP_TYPE_UNKNOWN", class: "permanent" });
}

/** What keeps a value from being read is no failure of the step's, but it cannot go on without it (R4). */
function orFailure(settle: () => Settled): Settled {
  try {
    return settle();
  } catch (thrown) {
    if (isFault(thrown)) return { outcome: { kind: "not_started", reason: toError(thrown).message }, blobs: [] };
    return bare(toFailure(thrown));
  }
}

const NO_LAYERS: readonly AttemptLayer[] = [];

/** The innermost answer has its output's schema checked, so that no layer keeps, merges or lets pass what is no success. */
async function throughLayers(context: EvaluatingContext, options: AttemptRunnerOptions, innermost: InnerAttempt): Promise<Execution> {
  const { step } = context.request;
  let attempt: InnerAttempt = async (inner) => checkedOutput(step, await innermost(inner), options);
  for (const layer of (options.layers ?? NO_LAYERS).toReversed()) {
    if (!layer.applies(context.request)) continue;
    const next = attempt;
    attempt = (inner) => layer.run(inner, next);
  }
  return await attempt(context);
}

async function throughBreaker(type: StepType, context: AttemptContext, { breakers, clock }: AttemptRunnerOptions): Promise<Execution> {
  const target = type.target?.(context) ?? null;
  if (target === null) return type.execute(context);
  const answer = await breakers.call(
    { tenant: context.request.tenant, target },
    () => execute(type, context),
    (execution) => verdictOf(type, execution),
    type.breaker,
  );
  if (!("open" in answer)) return answer;
  await pause(clock, Math.min(answer.retryAfterMs, BREAKER_WAIT_MAX_MS), context.signal);
  return context.signal.aborted ? { kind: "stopped" } : { kind: "not_started", reason: `The breaker of ${target} is open.` };
}

/** Inside the breaker a rejection has to be a value, so that it can be told whose fault it was. */
async function execute(type: StepType, context: AttemptContext): Promise<Execution> {
  try {
    return await type.execute(context);
  } catch (thrown) {
    return { kind: "failed", failure: toFailure(thrown) };
  }
}

/** What we stopped, and what nobody knows the end of, says nothing about the target. */
function verdictOf(type: StepType, execution: Execution): CallVerdict {
  if (type.blames?.(execution) ?? isTargetFailure(execution)) return "failed";
  const { kind } = execution;
  return kind === "stopped" || kind === "lost" || kind === "not_started" ? "undecided" : "answered";
}

function isTargetFailure(execution: Execution): boolean {
  return execution.kind === "timed_out" || (execution.kind === "failed" && countsAgainstTarget(execution.failure));
}

async function pause(clock: Clock, forMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  signal.addEventListener("abort", wake, { once: true });
  using _timer = clock.wakeAt(clock.now() + forMs, wake);
  await promise;
  signal.removeEventListener("abort", wake);
}

/** An attempt is asked of a tool only when what is asked is sound. */
function refuseRequest(asked: ExecutionRequest, { validate, requestSchema }: AttemptRunnerOptions): Execution | null {
  // A request holds nothing but JSON, here and below.
  const flaws = requestSchema === undefined ? [] : validate(requestSchema, asked as unknown as JsonObject, "request");
  if (flaws.length === 0) return null;
  const detail = flaws.map(({ path, message }) => `${path}: ${message}`).join("\n");
  const title = "What the tool would be asked is not sound.";
  return { kind: "failed", failure: { class: "permanent", code: "REQUEST_INVALID", title, detail } };
}

/** Names in the order of canonical JSON: what is in order already costs the store's writer nothing to put in order. */
function usageOf(startedAt: number, endedAt: number, execution: Execution, asked: ExecutionRequest | null): AttemptUsage {
  const used = execution.kind === "not_started" ? undefined : execution.usage;
  const usage = used === undefined ? { endedAt, startedAt } : { endedAt, startedAt, ...used };
  return asked === null ? usage : { ...usage, request: { ...asked, tool: used?.tool ?? null } as unknown as JsonObject };
}
