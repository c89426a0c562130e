/** One attempt of one step, from the runtime to the executor of the step's type and back. */
import type { TaskFailure } from "../core/failure.ts";
import type { RunId, TenantId } from "../core/ids.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { TraceParent } from "../core/trace.ts";
import type { AttemptUsage } from "../kernel/cause.ts";
import type { Field } from "../plan/field.ts";
import type { ParkedUntil } from "../plan/parking.ts";
import type { StepTypeDeclaration } from "../plan/step-type.ts";
import type { BreakerPolicy } from "../plan/tool.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import type { Confinement } from "./confinement.ts";

/** Everything that identifies and bounds an attempt (mission O4). */
export interface AttemptRequest {
  readonly runId: RunId;
  readonly tenant: TenantId;
  readonly workflow: CompiledWorkflow;
  readonly step: CompiledStep;
  /** 1 for the first. */
  readonly attempt: number;
  /** The same for all attempts of this step in this run (I-7). */
  readonly idempotencyKey: string;
  /** The trace of whoever started the run; null for one of its own. */
  readonly trace: TraceParent | null;
  /** Epoch milliseconds; null for no limit. */
  readonly deadlineAt: number | null;
  readonly graceMs: number;
  /** Absolute directory in which the step works. */
  readonly workspace: string;
  /** Number of the engine that starts it. */
  readonly epoch: number;
  /** `off`: the run neither reads the step cache nor writes into it. */
  readonly cache?: "off";
  /** Security profile that the run was started under. */
  readonly profile?: string;
}

/** What a security profile lets an attempt start. */
export interface ProgramPermit {
  /** Last parts of their paths. */
  readonly allow: readonly string[];
  /** Who says so, for people: "profile `tight`". */
  readonly by: string;
}

/** What an executor gets besides its request. */
export interface AttemptContext {
  readonly request: AttemptRequest;
  /** Aborted, with a `StopReason` as its reason, when the machine wants the attempt to end. */
  readonly signal: AbortSignal;
  /** A field of the step's configuration, evaluated; undefined where the author left it out. */
  value(field: string): Json | undefined;
  /** Evaluates any parsed field, such as one item of a list. @throws DefinitionError EXPR_* */
  evaluate(field: Field): Json;
  /** Evaluates a condition and tells how it came about. What goes wrong in it is part of the trace, and then it does not hold. */
  explain(condition: Field): { readonly holds: boolean; readonly trace: Json };
  /** It was started by an engine that has died since. */
  readonly isReattached: boolean;
  /** Rendered environment: the workflow's and the step's own names. */
  readonly env: Readonly<Record<string, string>>;
  /** Secret texts in every form in which they may appear; captured output must not show them (S-38). */
  readonly masks: readonly string[];
  /** The same attempt elsewhere, or with more in its environment. */
  within(changes: {
    readonly workspace?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly confinement?: Confinement;
    readonly programs?: ProgramPermit;
    readonly mustEnd?: boolean;
  }): AttemptContext;
  /** How far what it starts is to be kept from the machine; null for not at all. */
  readonly confinement: Confinement | null;
  /** Which tools may do its work; null for any. */
  readonly programs: ProgramPermit | null;
  /** What runs on from an engine before is to be ended, and nothing may follow it: it is not allowed any more. */
  readonly mustEnd: boolean;
  /** Reports progress to watchers; best effort, rate-limited, never awaited. */
  progress(data: JsonObject): void;
}

/** What an executor answers. The runtime checks the output's schema, classifies, and moves large values to blobs. */
export type Execution =
  | { readonly kind: "succeeded"; readonly output: Json; readonly usage?: Partial<AttemptUsage> }
  /** Its part is done, and the step waits for what is named there; `usage` is what it took to ask. */
  | { readonly kind: "parked"; readonly until: ParkedUntil; readonly usage?: Partial<AttemptUsage> }
  | { readonly kind: "failed"; readonly failure: TaskFailure; readonly usage?: Partial<AttemptUsage> }
  | { readonly kind: "timed_out"; readonly detail: string; readonly usage?: Partial<AttemptUsage> }
  | { readonly kind: "stopped"; readonly usage?: Partial<AttemptUsage> }
  /** `withEngine`: it could not outlive its engine, or was ended because of it; otherwise it counts as a crash of the step (I-18). */
  | { readonly kind: "lost"; readonly reason: string; readonly withEngine?: boolean; readonly usage?: Partial<AttemptUsage> }
  | { readonly kind: "not_started"; readonly reason: string };

/** A tool that may do the work of a step, as it is now. */
export interface ToolIdentity {
  readonly name: string;
  /** Path or name of the program; null when it is not there. */
  readonly program: string | null;
  readonly version: string | null;
}

/** A step type: its declaration, and how an attempt of it runs. A plug-in looks exactly like a built-in. */
export interface StepType {
  readonly declaration: StepTypeDeclaration;
  /**
   * Tells when its attempts outlive the engine, so that a new owner can ask `reattach` what became of one.
   * Types without it lose their attempts with the engine.
   */
  readonly survivesEngine: boolean;
  /** Its attempts are asked of a tool: what is asked is checked before, and recorded with the attempt (mission O4). */
  readonly asksTools?: boolean;
  /** Names whom a circuit breaker protects, such as `webhook:api.example.org`; without it, or for null, there is none. */
  target?(context: AttemptContext): string | null;
  /** When that breaker opens, and for how long. @defaultValue that of tools */
  readonly breaker?: BreakerPolicy;
  /** Tells whether an execution speaks against the target; without it time-outs, 5xx, 429 and broken connections do. */
  blames?(execution: Execution): boolean;
  execute(context: AttemptContext): Promise<Execution>;
  /**
   * The tools that may do the work of an attempt: the step cache gives no result back once there is another one, or another version of it.
   * Without it nothing is asked but the type itself, which never changes.
   */
  identify?(context: AttemptContext): Promise<readonly ToolIdentity[]>;
  /**
   * Called before the attempt is on record, for types whose attempts outlive the engine: lays down what `reattach` needs to tell an
   * attempt that never began from one that is lost. Nothing of it may be noticed outside, and `execute` may never follow.
   */
  prepare?(request: AttemptRequest): void;
  /**
   * Called by a new owner for an attempt that was in flight (reliability §5): follows it to its end when it is alive, and tells
   * `lost` or `not_started` otherwise. `mode` is what the step's crash policy asks for: `kill` sweeps a living attempt first.
   */
  reattach?(context: AttemptContext, mode: "follow" | "kill"): Promise<Execution>;
}
