/** Workflows that were deployed: stored by name, each change a version of its own. Runs keep the version that they were started with. */
import type { JsonObject } from "../core/json.ts";
import type { FindingView } from "./finding-view.ts";

export interface WorkflowSummary {
  readonly name: string;
  readonly title: string | null;
  /** Hash of the definition that a start takes now. */
  readonly version: string;
  /** How often it was deployed with another content. */
  readonly versions: number;
  /** Epoch milliseconds. */
  readonly deployedAt: number;
  /** Who deployed it. */
  readonly deployedBy: string;
  readonly steps: number;
  /** Its latest run; null where there was none. */
  readonly lastRun: { readonly id: string; readonly state: string; readonly createdAt: number } | null;
}

export interface WorkflowPage {
  /** By name. */
  readonly workflows: readonly WorkflowSummary[];
  /** `cursor` of the next page; null for none. */
  readonly next: string | null;
}

export interface WorkflowVersion {
  readonly version: string;
  readonly deployedAt: number;
  readonly deployedBy: string;
}

export interface WorkflowView extends WorkflowSummary {
  /** Newest first. */
  readonly history: readonly WorkflowVersion[];
  /** The text as it was deployed. */
  readonly source: string;
  /** JSON Schema of the input; null where any is taken. */
  readonly inputSchema: JsonObject | null;
  readonly findings: readonly FindingView[];
}

/** How its steps are tried again, by step. */
export interface RetryView {
  readonly step: string;
  readonly maxAttempts: number;
  readonly strategy: string;
  /** What a failed attempt is followed by, in milliseconds, without jitter. */
  readonly delaysMs: readonly number[];
  readonly on: readonly string[];
  readonly onExhausted: string;
}
