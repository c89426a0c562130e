/** Calls functions: registered ones, exports of modules, and on a worker thread what computes long. */
import type { TaskFailure } from "../../core/failure.ts";
import type { RunId, StepId } from "../../core/ids.ts";
import type { JsonObject } from "../../core/json.ts";
import { nearestName } from "../../core/nearest.ts";
import { attemptSpanId, traceContext } from "../../core/trace.ts";
import type { CompiledWorkflow } from "../../plan/workflow.ts";
import type { AttemptContext, Execution, StepType } from "../../ports/attempt.ts";
import type { TaskPool } from "../../ports/task-pool.ts";
import { parseCall } from "./check.ts";
import { copyJson, toPlainJson } from "./plain-json.ts";
import { functionDeclaration } from "./schema.ts";

/** What a function gets besides its input. */
export interface FunctionContext {
  /** Aborted when the step is to end; its reason is `timeout` or `cancel`. */
  readonly signal: AbortSignal;
  readonly runId: RunId;
  readonly stepId: StepId;
  readonly attempt: number;
  /** The same for all attempts: hand it to services that recognise repeated requests. */
  readonly idempotencyKey: string;
  readonly workspace: string;
  readonly env: Readonly<Record<string, string>>;
  /** This attempt as W3C Trace Context: a service that gets it as a header appears below the attempt in a trace. */
  readonly traceparent: string;
  log(message: string): void;
  progress(data: JsonObject): void;
}

/** A function of the user's. The input is a copy and may be changed. */
// biome-ignore lint/suspicious/noExplicitAny: the author of a function declares the input they expect; its schema is checked, not its type
export type StepFunction = (input: any, context: FunctionContext) => unknown;

export interface FunctionStepOptions {
  /** Registered functions by name. */
  readonly functions: Readonly<Record<string, StepFunction>>;
  /** Absolute file URL of a module named in a workflow. */
  readonly locate: (module: string, workflow: CompiledWorkflow) => string;
  /** Loads an export of a module by its file URL. */
  readonly load: (url: string, name: string) => Promise<StepFunction>;
  readonly pool: TaskPool;
  readonly log?: (context: AttemptContext, message: string) => void;
}

const EMPTY: JsonObject = {};

export function createFunctionStep(options: FunctionStepOptions): StepType {
  return {
    declaration: functionDeclaration,
    survivesEngine: false,
    target: (context) => `function:${String(context.value("call"))}`,
    execute(context) {
      const call = context.value("call") as string; // the schema says so
      if (context.value("cpu") === true) return callOnThread(context, options, call);
      const registered = Object.hasOwn(options.functions, call) ? options.functions[call] : undefined;
      if (registered !== undefined) return callHere(context, options, registered);
      return loadFunction(context, options, call).then((loaded) => callHere(context, options, loaded));
    },
  };
}

async function callHere(context: AttemptContext, options: FunctionStepOptions, call: StepFunction): Promise<Execution> {
  const { signal } = context;
  if (signal.aborted) return { kind: "stopped" };
  const answer = call(copyJson(context.value("with") ?? EMPTY), functionContext(context, options));
  const value = isPromiseLike(answer) ? await untilStopped(answer, signal, context.request.graceMs) : answer;
  // What is answered after the stop comes too late, however it turned out (I-16).
  return isAborted(signal) ? { kind: "stopped" } : { kind: "succeeded", output: toPlainJson(value) };
}

/** A call, so that the compiler does not take the answer from before the wait for the answer after it. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/**
 * The answer, or nothing once the grace after an abort is over. A function cannot be ended from outside; its late answer is dropped,
 * and so is a late rejection, which would otherwise end the process.
 */
function untilStopped(answer: PromiseLike<unknown>, signal: AbortSignal, graceMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onAbort = (): void => {
      timer = setTimeout(() => resolve(undefined), graceMs);
    };
    const settle = (): void => {
      signal.removeEventListener("abort", onAbort);
      clearTimeout(timer);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    answer.then(
      (value) => {
        settle();
        resolve(value);
      },
      (reason: unknown) => {
        settle();
        reject(reason);
      },
    );
  });
}

async function callOnThread(context: AttemptContext, options: FunctionStepOptions, call: string): Promise<Execution> {
  const parsed = parseCall(call);
  if (parsed === null)
    return failed("FUNCTION_CPU", `\`${call}\` is a registered function; a thread cannot reach it.`, "Write `call: ./module.js#name`.");
  const { runId, step, attempt, idempotencyKey, workspace, workflow } = context.request;
  const answer = await options.pool.call(
    {
      module: options.locate(parsed.module, workflow),
      export: parsed.name,
      input: context.value("with") ?? EMPTY,
      context: { runId, stepId: step.id, attempt, idempotencyKey, workspace, env: context.env, traceparent: traceparentOf(context) },
    },
    context.signal,
  );
  if (answer.ok) return { kind: "succeeded", output: toPlainJson(answer.value) };
  if (context.signal.aborted) return { kind: "stopped" };
  if ("failure" in answer) return { kind: "failed", failure: answer.failure };
  throw answer.thrown;
}

async function loadFunction(context: AttemptContext, options: FunctionStepOptions, call: string): Promise<StepFunction> {
  const parsed = parseCall(call);
  if (parsed !== null) return options.load(options.locate(parsed.module, context.request.workflow), parsed.name);
  const known = nearestName(call, Object.keys(options.functions));
  const hint = known === undefined ? "Register it, or write `call: ./module.js#name`." : `Did you mean \`${known}\`?`;
  throw Object.assign(new Error(`No function \`${call}\` is registered.`), { code: "FUNCTION_UNKNOWN", class: "permanent", hint });
}

function functionContext(context: AttemptContext, options: FunctionStepOptions): FunctionContext {
  const { runId, step, attempt, idempotencyKey, workspace } = context.request;
  return {
    signal: context.signal,
    runId,
    stepId: step.id,
    attempt,
    idempotencyKey,
    workspace,
    get env() {
      return context.env;
    },
    get traceparent() {
      return traceparentOf(context);
    },
    log: (message) => (options.log === undefined ? context.progress({ message }) : options.log(context, message)),
    progress: (data) => context.progress(data),
  };
}

function traceparentOf({ request }: AttemptContext): string {
  return traceContext(request, attemptSpanId(request, request.step.id, request.attempt)).traceparent;
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

function failed(code: string, title: string, hint: string): Execution {
  const failure: TaskFailure = { class: "permanent", code, title, hint };
  return { kind: "failed", failure };
}
