/** A run as people and programs see it: what `show -o json`, `run -o json` and the API return. */
import type { TaskFailure } from "../core/failure.ts";
import type { Json } from "../core/json.ts";

export interface LateResult {
  /** `succeeded`, `failed`, `timed_out`, `stopped` or `lost`. */
  readonly outcome: string;
  readonly output: Json;
  readonly error: TaskFailure | null;
}

export interface StepView {
  readonly id: string;
  readonly itemKey: string | null;
  readonly type: string;
  readonly title: string | null;
  /** Top-level state: `pending`, `running`, `retrying`, `succeeded`, `failed`, `skipped`, `canceled`, `quarantined`. */
  readonly state: string;
  /** Dotted statechart state, such as `running.stopping`. */
  readonly detail: string;
  readonly attempts: number;
  readonly output: Json;
  readonly error: TaskFailure | null;
  readonly skippedBecause: string | null;
  /** Why a person has to decide; null unless it is quarantined. */
  readonly quarantinedBecause: string | null;
  /** How its attempt ended after a person had been asked already; nothing follows from it by itself. Null when nothing came. */
  readonly lateResult: LateResult | null;
  /** The result was taken over from an earlier run or the cache. */
  readonly cached: boolean;
  readonly tool: string | null;
  /** Epoch milliseconds. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** From the first attempt's start to the step's end: waits between attempts and the absence of an engine count. */
  readonly durationMs: number | null;
  /** Time that its ended attempts took, without anything between them; null before the first has ended. */
  readonly workMs: number | null;
  readonly costUsd: number;
  /** When its retry or time-out is due. */
  readonly dueAt: number | null;
}

export interface RunView {
  readonly id: string;
  readonly workflow: string;
  readonly definitionHash: string;
  readonly tenant: string;
  readonly priority: number;
  /** `pending`, `running`, `succeeded`, `failed`, `canceled`, `quarantined`. */
  readonly state: string;
  readonly detail: string;
  readonly input: Json;
  readonly output: Json;
  readonly error: { readonly step: string | null; readonly failure: TaskFailure } | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly durationMs: number | null;
  readonly costUsd: number;
  /** In words; null when it is not waiting. */
  readonly waitingFor: string | null;
  readonly parent: { readonly runId: string; readonly relation: string; readonly from: string | null } | null;
  readonly progress: { readonly done: number; readonly total: number; readonly percent: number };
  readonly steps: readonly StepView[];
}

/**
 * A run as the API answers it: the first of its steps, since a fan-out may have made ten thousand of them. A value that would make the answer too
 * large stays the reference that the journal holds (`{ $blob, bytes }`, or `{ $items }` for the list of a fan-out); the step's own page has it.
 */
export interface RunAnswer extends RunView {
  /** `cursor` for the page of steps behind these; null where these are all. */
  readonly stepsNext: string | null;
}

export interface StepPage {
  readonly steps: readonly StepView[];
  /** `cursor` of the next page; null for none. */
  readonly next: string | null;
}
