/** The library's surface: one object that opens a state directory, runs workflows in it, and answers questions about them. */
import type { EventView } from "../contract/event-view.ts";
import type { RunSummary } from "../contract/run-summary.ts";
import type { RunView } from "../contract/run-view.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { Waiting } from "../kernel/why-not.ts";
import type { CompiledWorkflow, Priority } from "../plan/workflow.ts";
import type { StepType } from "../ports/attempt.ts";
import type { Observer } from "../ports/observer.ts";
import type { StepFunction } from "../steps/function/execute.ts";
import type { DecisionOptions, EventSending, Heard, PendingApproval } from "./answer-shape.ts";
import type { ProfileOptions } from "./profiles.ts";

export type { RunSummary } from "../contract/run-summary.ts";

export interface TroupeOptions {
  /**
   * State directory, made when it is missing.
   * @defaultValue `.troupe` below the working directory
   */
  readonly state?: string;
  /** Keeps everything in memory; nothing survives the process. @defaultValue false */
  readonly memory?: boolean;
  /** Functions that `call:` may name. */
  readonly functions?: Readonly<Record<string, StepFunction>>;
  /** Attempts that may run at once. @defaultValue four for each core, at least 8 */
  readonly maxWorkers?: number;
  /** `full`: an fsync before every effect. `relaxed`: the last commits may vanish at a power cut. @defaultValue full */
  readonly durability?: "full" | "relaxed";
  /** `all`: unfinished runs of the state directory go on here. `asked`: only those started or resumed here. @defaultValue all */
  readonly adopt?: "all" | "asked";
  /** Step types besides the built-in ones. */
  readonly stepTypes?: readonly StepType[];
  /** Where results of steps with `cache:` are kept, and how far they are trusted. @defaultValue below the state directory, 2 GiB */
  readonly cache?: CacheOptions;
  /** File that declares tools. @defaultValue the next `router.yaml` from a workflow upwards, no further than its repository */
  readonly router?: string;
  /** Security profiles by name, and the one under which every step runs. @defaultValue the built-in ones, and none asked for */
  readonly profiles?: ProfileOptions;
  /**
   * This process is here for Troupe alone, so V8's nursery is kept at 16 MiB: a third less memory where many runs wait. It is a flag of the whole
   * process, and one that Node was started with counts for more.
   * @defaultValue false
   */
  readonly ownsProcess?: boolean;
  /** Hears what could not be told in any other way. @defaultValue a line on stderr */
  readonly warn?: (message: string) => void;
  /**
   * What is sent out while runs go on: traces, where `OTEL_*` of the environment asks for them, and what is named here.
   * @defaultValue nothing
   */
  readonly telemetry?: TelemetryOptions;
}

export interface CacheOptions {
  /**
   * A directory, `redis://…`, or `s3+https://…/bucket` with credentials in `AWS_*`.
   * @defaultValue `cache` below the state directory
   */
  readonly store?: string;
  /** Bound of a directory; what was used longest ago goes first. @defaultValue 2 GiB */
  readonly maxBytes?: number;
  /** Share of hits that are executed all the same and compared, 0 to 1. @defaultValue 0 */
  readonly verify?: number;
  /** Entries of one trust zone are not found in another. @defaultValue `default` */
  readonly zone?: string;
  /** With which entries are sealed; machines that share a store share it. @defaultValue `TROUPE_CACHE_SECRET`, or one of this directory */
  readonly secret?: string;
}

export interface TelemetryOptions {
  /** Serves metrics on this port of 127.0.0.1; 0 for any. */
  readonly metricsPort?: number;
  /** Writes metrics to this file. */
  readonly metricsFile?: string;
  /** Lets an inspector watch the statecharts. @defaultValue false */
  readonly inspect?: boolean;
}

export interface RunOptions {
  readonly input?: Json;
  /** Read-only metadata for `context.…` in expressions; `startedBy` is who may not decide under `four_eyes`. */
  readonly context?: JsonObject;
  readonly tenant?: string;
  readonly priority?: Priority;
  /** Steps of this run that may execute at once; null for the workflow's own. */
  readonly concurrency?: number | null;
  /** Directory in which steps work. @defaultValue the working directory */
  readonly workspace?: string;
  /** Starting again with the same key and the same workflow and input gives the same run (I-8). */
  readonly key?: string;
  /** `off`: its steps neither read the step cache nor write into it. @defaultValue on */
  readonly cache?: "off";
  /** The caller's span as W3C Trace Context: the run appears below it. One that is not valid is ignored. */
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** A finished run whose output has the type that the caller knows from the workflow's schema. */
export type TypedRunView<TOutput> = Omit<RunView, "output"> & { readonly output: TOutput };

export interface RunHandle<TOutput = Json> {
  readonly id: string;
  /** Every event from `afterSeq` on, as it is committed; ends when the run has come to rest for good, or waits for a person. */
  events(afterSeq?: number): AsyncIterable<EventView>;
  /** Resolves with the run when it is final or quarantined. */
  result(): Promise<TypedRunView<TOutput>>;
  view(): RunView;
  why(step?: string): readonly Waiting[];
  cancel(reason?: string): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** A person's decision about a quarantined step. */
  release(step: string): Promise<void>;
  skip(step: string, reason?: string): Promise<void>;
  override(step: string, output: Json): Promise<void>;
  fail(step: string, reason?: string): Promise<void>;
  /** What the run asks people, with all that a decision is about. */
  approvals(): readonly PendingApproval[];
  /**
   * A person's decision. The caller has to know who that is; the digest says what the person was shown.
   *
   * @throws RequestError APPROVAL_NONE, APPROVAL_WHICH, APPROVAL_NOT_YOURS, APPROVAL_OWN_RUN, APPROVAL_LATE, APPROVAL_FIELDS,
   * APPROVAL_DIGEST, STEP_NOT_WAITING
   */
  decide(decision: DecisionOptions): Promise<void>;
  /** A new linked run of what has not succeeded; the rest is taken over. */
  retry(): Promise<RunHandle<TOutput>>;
  /** A new linked run in which this step and all that need it run again. */
  fork(from: string): Promise<RunHandle<TOutput>>;
}

export interface RunListOptions {
  readonly states?: readonly string[];
  readonly workflow?: string;
  readonly tenant?: string;
  /** Part of the name of a workflow, in whichever case, or the beginning of an id. */
  readonly text?: string;
  /** Epoch milliseconds, the end not included. */
  readonly createdFrom?: number;
  readonly createdBefore?: number;
  readonly limit?: number;
  /** Runs before this one, newest first. */
  readonly before?: string;
}

export interface Troupe extends AsyncDisposable {
  /**
   * Starts a workflow from a file or from a compiled one. The type of its output is the caller's word: the workflow's own schema is
   * what is checked.
   *
   * @throws DefinitionErrors, RequestError INPUT_INVALID, TransientError BACKPRESSURE
   */
  run<TOutput = Json>(workflow: string | CompiledWorkflow, options?: RunOptions): Promise<RunHandle<TOutput>>;
  /** @throws RequestError RUN_NOT_FOUND, RUN_AMBIGUOUS */
  get<TOutput = Json>(id: string): RunHandle<TOutput>;
  list(options?: RunListOptions): readonly RunSummary[];
  /** Reads and compiles a workflow file, and gets ready what its runs will need: the parent of its commands. @throws DefinitionErrors */
  load(file: string): CompiledWorkflow;
  subscribe(observer: Observer): Disposable;
  /** What all unfinished runs ask people. */
  approvals(): readonly PendingApproval[];
  /** Answers the steps that wait for this event. @throws RequestError EVENT_UNHEARD */
  sendEvent(name: string, sending?: Partial<Omit<EventSending, "run">> & { readonly run?: string }): Promise<readonly Heard[]>;
  /** Takes what was sent to a callback's address. @throws RequestError CALLBACK_UNKNOWN, CALLBACK_DATA, STEP_NOT_WAITING */
  answerCallback(token: string, data: Json): Promise<Heard>;
  /** Lets running attempts end until the deadline, then lets go; unfinished runs go on with the next engine. */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
}
