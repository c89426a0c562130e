/** Those who watch committed entries. They see exactly what is stored, in order, and can neither delay nor fail a run (I-38). */
import type { RunId, TenantId } from "../core/ids.ts";
import type { TraceParent } from "../core/trace.ts";
import type { JournalEntry } from "../kernel/entry.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { AttemptRequest } from "./attempt.ts";
import type { EngineMeter } from "./engine-meter.ts";

/** The run that an entry belongs to; one object for all entries of a batch. */
export interface ObservedRun {
  readonly runId: RunId;
  readonly tenant: TenantId;
  /** Name of the workflow. */
  readonly workflow: string;
  readonly definition: CompiledWorkflow;
  /** The trace of whoever started it; null for one of its own. */
  readonly trace: TraceParent | null;
}

export interface CommittedEntry {
  readonly run: ObservedRun;
  readonly entry: JournalEntry;
}

export interface Observer {
  readonly name: string;
  /** Called after the commit with a batch in order. What it throws is counted, reported once, and ignored. */
  committed(batch: readonly CommittedEntry[]): void;
  /**
   * Puts something around the work of an attempt, such as the context in which functions find their span. Calls `work` once and answers
   * with its answer.
   */
  enclose?<TAnswer>(attempt: AttemptRequest, work: () => TAnswer): TAnswer;
  /** For an observer that also measures the engine itself. */
  readonly meter?: EngineMeter;
}
