/** A tool that may do the work of steps, as `router.yaml` or Troupe itself declares it: data, so that choosing one can be recorded. */

import type { ToolPreference } from "./step-policies.ts";

/** How a tool is spoken to. `command`: a program of the user's that is deterministic; the others are coding agents. */
export const TOOL_ADAPTERS = ["claude_code", "codex", "aider", "gemini", "custom", "command"] as const;
export type ToolAdapter = (typeof TOOL_ADAPTERS)[number];

/** A command that looks after a tool: the arguments behind the tool's own program. */
export interface HealthCheck {
  readonly args: readonly string[];
  /** TERM then, KILL soon after. */
  readonly timeoutMs: number;
  /** How long its answer is believed. */
  readonly everyMs: number;
}

export interface VersionProbe {
  readonly args: readonly string[];
  /** Linear-time pattern; its first group, or the whole match, is the version. Null for the first line. */
  readonly pattern: string | null;
}

/** When the tool's breaker opens, and for how long. */
export interface BreakerPolicy {
  /** It opens with this many failures within the window, if at least half of the calls failed. */
  readonly failures: number;
  readonly windowMs: number;
  /** How long it refuses before it lets one probe through. */
  readonly recoveryMs: number;
}

export const BREAKER_POLICY_DEFAULT: BreakerPolicy = { failures: 5, windowMs: 10_000, recoveryMs: 60_000 };

/** The tools of a project. */
export interface Router {
  /** The file that says so; null where only the built-in tools are known. */
  readonly file: string | null;
  /** For steps that do not say which of several tools they prefer; null for the first. */
  readonly prefer: ToolPreference | null;
  /** The preferred ones first, the built-in ones that the file does not name last. */
  readonly tools: readonly ToolDeclaration[];
}

/** The breaker of a tool, as breakers are named. */
export function toolTarget(name: string): string {
  return `tool:${name}`;
}

export interface ToolDeclaration {
  readonly name: string;
  readonly adapter: ToolAdapter;
  /** Kinds of work, such as `code-edit`. */
  readonly capabilities: readonly string[];
  /** Globs of paths that it is for, below the workspace; empty for all. */
  readonly domains: readonly string[];
  /** What it is expected to cost in US dollars; null where nobody said. */
  readonly cost: { readonly usdPerRun: number | null; readonly usdPer1kTokens: number | null };
  readonly limits: {
    /** Calls at once in this engine; null for no limit of its own. */
    readonly concurrency: number | null;
    readonly timeoutMs: number | null;
    readonly maxUsd: number | null;
  };
  /** Program and arguments; no shell reads them. */
  readonly command: readonly [string, ...string[]];
  /** Names of variables of the engine's environment that it gets; never their values. */
  readonly env: readonly string[];
  readonly health: HealthCheck | null;
  readonly version: VersionProbe | null;
  readonly breaker: BreakerPolicy;
}
