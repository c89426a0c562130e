/** The tool router: which tools there are, how they are, and which one does a step's work (mission O3). */
import type { TenantId } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";
import type { ToolRecord } from "../plan/select-tool.ts";
import type { ToolPolicy } from "../plan/step-policies.ts";
import type { ToolDeclaration } from "../plan/tool.ts";
import type { BreakerOpen, CallVerdict } from "./breaker.ts";

/** What a security profile lets a step use. */
export interface ToolPermit {
  /** Names; null for all. */
  readonly allow: readonly string[] | null;
  readonly deny: readonly string[];
  /** Who says so, for people: `profile restricted`. */
  readonly by: string;
}

export interface SelectionRequest {
  readonly policy: ToolPolicy;
  readonly tenant: TenantId;
  /** Absolute directory in which the step works. */
  readonly workspace: string;
  /** File of the workflow: `router.yaml` is looked for from its folder upwards. @defaultValue from the workspace upwards */
  readonly workflowFile?: string;
  /** Paths below the workspace that the step is about; tools for other paths are left out. @defaultValue unknown, so that all fit */
  readonly paths?: readonly string[];
  /** @defaultValue everything is permitted */
  readonly permit?: ToolPermit;
}

export interface Selection {
  /**
   * Tools that may do it, the best first; empty when there is none. The one who asked tries them in this order: a tool that turns out
   * to be missing (ENOENT), or whose breaker has opened meanwhile, hands on to the next.
   */
  readonly order: readonly ToolDeclaration[];
  /** What was considered and why this one was chosen, for `AttemptUsage.selection`; `toSelectionView` of the plan reads it. */
  readonly decision: JsonObject;
}

export interface ToolProbe {
  readonly status: "healthy" | "unhealthy" | "missing";
  /** Absolute path of the program; null when it is missing. */
  readonly program: string | null;
  readonly version: string | null;
  /** Why it is not healthy, for people. */
  readonly detail: string | null;
  /** Epoch milliseconds. */
  readonly checkedAt: number;
}

export interface Tools {
  /** Never fails for lack of a tool: an empty order says so. @throws DefinitionError ROUTER_* when `router.yaml` is wrong */
  select(request: SelectionRequest): Promise<Selection>;
  /**
   * Calls `work` inside the tool's breaker and within its limit of concurrency, for which it waits; an aborted signal ends the wait and
   * calls `work` all the same, which then sees it. Open: nothing was called, and the next tool of the order may do it.
   */
  call<TResult>(
    tool: ToolDeclaration,
    around: { readonly tenant: TenantId; readonly signal: AbortSignal },
    work: () => Promise<TResult>,
    judge: (result: TResult) => CallVerdict,
  ): Promise<TResult | BreakerOpen>;
  /** How a tool is, from its health check, which is run when the last answer is too old. @throws RequestError TOOL_UNKNOWN */
  probe(name: string, from?: string): Promise<ToolProbe>;
  /** The last answer of `probe`, whoever asked; null before the first. Runs nothing. */
  lastProbe(tool: ToolDeclaration): ToolProbe | null;
  /** All tools, as `router.yaml` found from this directory upwards and Troupe itself declare them. */
  list(from?: string): readonly ToolDeclaration[];
}

/** Where tools' latest calls are known from. */
export interface ToolHistory {
  /** The latest calls of a tool by one tenant's runs. */
  toolRecord(tool: string, tenant: TenantId): ToolRecord;
}

/** Looks at programs and runs their checks. */
export interface ToolProber {
  /**
   * Runs the health check and the version command, as far as the tool has them; no shell, an environment of the inherited names and the
   * tool's own only, TERM and then KILL at the time-out. Never rejects.
   */
  probe(tool: ToolDeclaration): Promise<ToolProbe>;
  /** The absolute path of the program, without running anything; null when there is none that can be run. */
  locate(tool: ToolDeclaration): string | null;
}
