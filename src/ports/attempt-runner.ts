/** What a host needs of the runtime: attempts run to their outcome, which never rejects, and a run's output made. */
import type { BlobRef } from "../core/blob.ts";
import type { JsonObject } from "../core/json.ts";
import type { AttemptOutcome, AttemptUsage, CauseEvent } from "../kernel/cause.ts";
import type { Scope } from "../kernel/scope.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { AttemptRequest } from "./attempt.ts";

/** A value too large for the journal, to be committed with the entry that refers to it. */
export interface NewBlob {
  readonly ref: BlobRef;
  readonly text: string;
}

export interface AttemptReport {
  readonly outcome: AttemptOutcome;
  readonly usage: AttemptUsage;
  readonly blobs: readonly NewBlob[];
}

export interface AttemptRunner {
  /** Lays down, before the attempt is on record, what tells a new owner that it never began. Never throws; `run` may never follow. */
  prepare?(request: AttemptRequest): void;
  /** Runs one attempt to its end. `signal` is aborted with a `StopReason` when the machine wants it to stop. */
  run(request: AttemptRequest, scope: Scope, signal: AbortSignal, progress: (data: JsonObject) => void): Promise<AttemptReport>;
  /** Finds out what became of an attempt whose engine died, following it to its end if it lives. `kill` sweeps it first. */
  reattach(request: AttemptRequest, scope: Scope, signal: AbortSignal, mode: "follow" | "kill"): Promise<AttemptReport>;
  /** Renders the run's output and checks it against its schema. @throws what kept a value from being read */
  makeOutput(
    workflow: CompiledWorkflow,
    scope: Scope,
  ): { readonly result: Extract<CauseEvent, { type: "run.finished" }>["result"]; readonly blobs: readonly NewBlob[] };
}
