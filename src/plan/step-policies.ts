/** What a step asks of the engine around its attempts, as data: fan-out, handling of failures, cache, gate, isolation, tool. */
import type { FailureClass } from "../core/failure.ts";
import type { Json } from "../core/json.ts";
import type { Field } from "./field.ts";

/** When a step may begin, besides its needs. Steps of the later phases stand behind the main ones in `CompiledWorkflow.steps`. */
export type StepPhase =
  | { readonly kind: "main" }
  /** Runs when rule number `rule` of step `of` has caught that step's failure; skipped otherwise. */
  | { readonly kind: "handler"; readonly of: number; readonly rule: number }
  /** Runs when the run fails or is canceled and step `of` had succeeded; the latest success is compensated first (I-26). */
  | { readonly kind: "compensation"; readonly of: number }
  /** Runs at the end of every run, after compensation. */
  | { readonly kind: "finally" };

export const MAIN_PHASE: StepPhase = { kind: "main" };

/** One actor for each item of a list, of a map, or of the product of several lists. */
export interface FanOut {
  readonly over:
    | { readonly kind: "list"; readonly items: Field }
    | {
        readonly kind: "matrix";
        readonly axes: Readonly<Record<string, Field>>;
        /** Combinations added, and combinations left out when all their members are equal. */
        readonly include: readonly Field[];
        readonly exclude: readonly Field[];
      };
  /** Text that names an item, evaluated with `item`; null for its position, or its name in a map. */
  readonly key: Field | null;
  /** Items that may be running at once; null for no limit of its own. */
  readonly maxParallel: number | null;
  /** `fail`: the first item that fails cancels the others and fails the step. `collect`: all run, and failures are data. */
  readonly onItemError: "fail" | "collect";
}

/** What a failure must look like for a rule to apply; null members match anything. */
export interface CatchMatch {
  readonly classes: readonly FailureClass[] | null;
  readonly codes: readonly string[] | null;
  readonly tools: readonly string[] | null;
  readonly statuses: readonly number[] | null;
  /** A condition that may read `error`. */
  readonly when: Extract<Field, { kind: "condition" }> | null;
}

/** What becomes of a step whose retries are used up. The first rule that matches wins; without one it fails. */
export interface CatchRule {
  readonly match: CatchMatch;
  readonly action:
    | { readonly kind: "fail" }
    | { readonly kind: "skip" }
    | { readonly kind: "fallback"; readonly value: Field }
    /** Indices of the steps that handle it; the failure is settled when they have succeeded, and the step counts as skipped. */
    | { readonly kind: "handle"; readonly steps: readonly number[] };
}

export interface CachePolicy {
  /** Values that belong to the key besides what the engine puts into it. */
  readonly key: readonly Field[];
  /** Paths or globs, below the workspace, whose content belongs to the key. */
  readonly files: readonly string[];
  /** Paths or globs, below the workspace, of what the step makes; stored with the result and restored from it. */
  readonly produces: readonly string[];
  /** Names of environment variables of the engine whose values belong to the key. */
  readonly env: readonly string[];
  /** How long a result may be used, in milliseconds; null for ever. */
  readonly ttlMs: number | null;
  /** Changing it forgets every result before. */
  readonly version: string;
}

export const REPORT_FORMATS = ["auto", "junit", "tap", "vitest", "jest", "playwright", "go", "exit"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Tests must have passed before dependents go on (mission P5). */
export interface GatePolicy {
  /** Path or glob below the workspace; null for the step's standard output, or its exit code under `exit`. */
  readonly report: Field | null;
  readonly format: ReportFormat;
  readonly minPassed: number;
  readonly maxFailed: number;
  /** Null for no limit. */
  readonly maxSkipped: number | null;
  /** Least share of covered lines, 0 to 100; null when it does not matter. */
  readonly coverage: number | null;
  /** Path of the coverage summary (Istanbul's `coverage-summary.json`, Cobertura or LCOV). */
  readonly coverageReport: Field | null;
  /** A report without tests is no failure. */
  readonly allowEmpty: boolean;
}

export interface IsolationPolicy {
  /** Works on a branch and in a worktree of its own. */
  readonly worktree: boolean;
  /** `queue`: integrated when its turn comes. `manual`: left on its branch. `none`: thrown away. */
  readonly merge: "queue" | "manual" | "none";
  /** Branch or commit to start from and to merge into; null for the workspace's branch. */
  readonly base: Field | null;
  /** Uncommitted changes that are left when a worktree goes are deleted (I-33). */
  readonly discard: boolean;
}

export const TOOL_PREFERENCES = ["cheapest", "fastest", "reliable"] as const;
export type ToolPreference = (typeof TOOL_PREFERENCES)[number];

/** Which tool may do a step's work: one by name, or whichever can. */
export interface ToolPolicy {
  /** A name of the registry; null to choose. */
  readonly name: string | null;
  /** Capabilities that it must have. */
  readonly needs: readonly string[];
  readonly prefer: ToolPreference | null;
}

/** One rule of a risk assessment (mission D13). */
export interface RiskRule {
  readonly when: Extract<Field, { kind: "condition" }>;
  readonly score: number;
  readonly reason: string;
}

/** Where a secret comes from. Its text is read when an attempt needs it, and is in no journal (S-38). */
export type SecretSource = { readonly kind: "env"; readonly name: string } | { readonly kind: "file"; readonly path: string };

/** What expressions of an item see as `item`. */
export interface ItemView {
  readonly key: string;
  readonly index: number;
  readonly value: Json;
}

/** The policies of a step whose author asked for none of this. */
export const PLAIN_POLICIES = {
  phase: MAIN_PHASE,
  fanOut: null,
  item: null,
  catches: [],
  cache: null,
  gate: null,
  isolation: null,
  tool: null,
  profile: null,
} as const;
