/**
 * The compiled workflow: what a definition means, as data. Everything is resolved (defaults, names, edges, parsed fields), so
 * that the kernel, the graph and the runtime never look at the document again.
 */
import type { Expression } from "../../grammar/ast.ts";
import type { FailureClass } from "../core/failure.ts";
import type { Digest, StepId, TenantId } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";
import type { Place } from "../core/place.ts";
import type { Field } from "./field.ts";
import type {
  CachePolicy,
  CatchRule,
  FanOut,
  GatePolicy,
  IsolationPolicy,
  RiskRule,
  SecretSource,
  StepPhase,
  ToolPolicy,
} from "./step-policies.ts";
import type { Triggers } from "./triggers.ts";

/** 1 is the most urgent, 5 the least. */
export const PRIORITIES = [1, 2, 3, 4, 5] as const;
export type Priority = (typeof PRIORITIES)[number];
export const PRIORITY_DEFAULT: Priority = 3;

/** When a step may start, seen from the steps it needs. */
export const JOINS = ["all_success", "all_done", "any_success", "none_failed"] as const;
export type Join = (typeof JOINS)[number];

/** What an engine does with an attempt that was in flight when another engine died (reliability §5). */
export const CRASH_POLICIES = ["reattach", "retry", "fail", "quarantine"] as const;
export type CrashPolicy = (typeof CRASH_POLICIES)[number];

/** `none`: may repeat freely. `repeatable`: repeats under one idempotency key. `once`: never again without a person (I-17). */
export const SIDE_EFFECTS = ["none", "repeatable", "once"] as const;
export type SideEffect = (typeof SIDE_EFFECTS)[number];

export interface RetryPolicy {
  /** Retries after the first attempt; 0 means none. */
  readonly max: number;
  /** The author said that nothing may repeat it, which goes for an attempt that was lost as well (I-17). */
  readonly never: boolean;
  readonly strategy: "fixed" | "linear" | "exponential";
  readonly baseMs: number;
  readonly factor: number;
  readonly capMs: number;
  readonly jitter: "none" | "full" | "equal";
  /** Failure classes that are retried. */
  readonly on: readonly FailureClass[];
  /** These three override the class when they match: exit codes, HTTP statuses, and a linear-time pattern on the detail. */
  readonly exitCodes: readonly number[];
  readonly statuses: readonly number[];
  readonly match: string | null;
  readonly onExhausted: "fail" | "quarantine";
}

/** Between TERM and KILL when the author says nothing. */
export const GRACE_MS_DEFAULT = 5_000;

export interface TimeoutPolicy {
  readonly afterMs: number;
  readonly then: "fail" | "fallback" | "skip";
  /** The step's output under `then: fallback`. */
  readonly value: Field | null;
  /** Between TERM and KILL. */
  readonly graceMs: number;
}

/** Why an edge exists: one entry for each place in the definition that makes it. */
export interface EdgeReason {
  /** Path of the field in the step, such as `with.load` or `needs[0]`. */
  readonly field: string;
  readonly kind: "reference" | "needs" | "switch" | "catch";
  /** The reference as written, such as `$step1.sbc`; empty for `needs` and `catch`. */
  readonly text: string;
  readonly place: Place;
}

export interface Edge {
  /** Index of the step needed. */
  readonly from: number;
  readonly because: readonly EdgeReason[];
}

export interface CompiledStep {
  readonly id: StepId;
  /** Position in `CompiledWorkflow.steps`. */
  readonly index: number;
  /** The number given in the seed dialect; `stepN` then names this step too. */
  readonly number: number | null;
  readonly title: string | null;
  readonly type: string;
  readonly place: Place;
  readonly needs: readonly Edge[];
  /** Indices of the steps that need this one, ascending. */
  readonly dependents: readonly number[];
  readonly join: Join;
  readonly when: { readonly expression: Expression; readonly source: string; readonly place: Place } | null;
  /** Indices of `switch` steps with a case that leads here; the step is skipped when they chose another. */
  readonly routedBy: readonly number[];
  /** The type's own fields, by name, as its declaration reads them. */
  readonly config: Readonly<Record<string, Field>>;
  readonly env: Readonly<Record<string, Field>>;
  readonly timeout: TimeoutPolicy | null;
  readonly retry: RetryPolicy;
  /** Null for that of its run. */
  readonly priority: Priority | null;
  /** A failure of it does not fail the run, and counts as skipped for those who need it. */
  readonly optional: boolean;
  readonly inputSchema: JsonObject | null;
  readonly outputSchema: JsonObject | null;
  /** Under the seed dialect, the name by which its output is known too. */
  readonly outputVariable: string | null;
  readonly locks: readonly string[];
  readonly touches: readonly string[];
  /** Indices of steps that share a lock or overlap in `touches` and so never run at the same time as this one. */
  readonly conflicts: readonly number[];
  readonly sideEffect: SideEffect;
  readonly onEngineCrash: CrashPolicy;
  readonly phase: StepPhase;
  /** Null for a step that is one actor. */
  readonly fanOut: FanOut | null;
  /** The item that it is for; null for the step itself. */
  readonly item: FanItem | null;
  readonly catches: readonly CatchRule[];
  readonly cache: CachePolicy | null;
  readonly gate: GatePolicy | null;
  readonly isolation: IsolationPolicy | null;
  readonly tool: ToolPolicy | null;
  /** Name of the security profile that it runs under; null for that of its run. */
  readonly profile: string | null;
  /** Declared expectations; null where the author gave none. */
  readonly cost: { readonly durationMs: number | null; readonly usd: number | null; readonly manualMinutes: number | null };
}

/** Which item of which fan-out an actor is for. */
export interface FanItem {
  /** Index of the step that fans out. */
  readonly of: number;
  readonly key: string;
  /** Counts from 0. */
  readonly index: number;
}

export interface CompiledWorkflow {
  /** SHA-256 of the canonical normalised document; names this version for ever. */
  readonly hash: Digest;
  readonly name: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly dialect: "troupe" | "seed";
  /** The normalised document (troupe dialect, files inlined); compiling it again gives an equal workflow. */
  readonly document: JsonObject;
  /** Where it was read, for messages only; not part of the hash. */
  readonly file: string;
  readonly inputSchema: JsonObject | null;
  readonly outputSchema: JsonObject | null;
  /** The run's output, by name; null when the run has none. */
  readonly output: Readonly<Record<string, Field>> | null;
  /** Environment for every step; a step's own wins. */
  readonly env: Readonly<Record<string, Field>>;
  /** Steps of one run that may be executing at the same time; null for no limit of its own. */
  readonly concurrency: number | null;
  readonly priority: Priority;
  readonly tenant: TenantId;
  readonly labels: Readonly<Record<string, string>>;
  /** The whole run's time limit. */
  readonly timeoutMs: number | null;
  /** Adds up to the risk that approvals tell. */
  readonly risk: readonly RiskRule[];
  readonly secrets: Readonly<Record<string, SecretSource>>;
  /** What starts runs by itself, where it is deployed. */
  readonly triggers: Triggers;
  /** Name of the security profile of its runs; null for none. */
  readonly profile: string | null;
  /** In the order of the file; handlers, compensations and `finally` behind the main steps. */
  readonly steps: readonly CompiledStep[];
  readonly indexOf: ReadonlyMap<string, number>;
}
