/** Everything that can move a run. A cause is one input to `decide`; its id makes deciding it twice harmless. */
import type { Stored } from "../core/blob.ts";
import type { TaskFailure } from "../core/failure.ts";
import type { CauseId, Digest, RunId, StepId, TenantId } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";
import type { TraceParent } from "../core/trace.ts";
import type { Answered, ParkedUntil } from "../plan/parking.ts";
import type { Priority } from "../plan/workflow.ts";

/** A step's result taken over from an earlier run, when a run is forked or retried. */
export interface Carried {
  readonly step: StepId;
  readonly state: "succeeded" | "skipped";
  readonly output: Stored;
  readonly reason: string | null;
  /** The attempt number under which the earlier run ended it. */
  readonly attempt: number;
}

export interface RunParent {
  readonly runId: RunId;
  readonly relation: "retry" | "fork" | "child";
  /** The step from which a fork starts anew; null when the failed ones do. */
  readonly from: StepId | null;
}

/** All that a run is started with. It is recorded whole in the first entry and never changes. */
export interface RunStart {
  readonly runId: RunId;
  readonly definition: Digest;
  readonly workflow: string;
  readonly tenant: TenantId;
  readonly priority: Priority;
  readonly input: Stored;
  /** Read-only metadata for `context.…`. */
  readonly context: JsonObject;
  readonly labels: Readonly<Record<string, string>>;
  /** Steps of this run that may execute at once; null for no limit of its own. */
  readonly concurrency: number | null;
  readonly parent: RunParent | null;
  readonly carried: readonly Carried[];
  /** The trace of whoever started it; null for one of its own. */
  readonly trace: TraceParent | null;
  /** Directory in which steps work. */
  readonly workspace: string;
  /** `off`: its steps neither read the step cache nor write into it. */
  readonly cache?: "off";
  /** Security profile under which all of it runs, whoever drives it; absent for that of its definition alone. */
  readonly profile?: string;
}

/** What became of one attempt. */
export type AttemptOutcome =
  | { readonly kind: "succeeded"; readonly output: Stored }
  | { readonly kind: "failed"; readonly failure: TaskFailure }
  /** Its part is done; the step waits for an answer. */
  | { readonly kind: "parked"; readonly until: ParkedUntil }
  /** The items of a fan-out are known; the step waits for them. */
  | { readonly kind: "fanned"; readonly keys: readonly string[]; readonly items: Stored }
  /** Stopped at its deadline. */
  | { readonly kind: "timed_out"; readonly failure: TaskFailure; readonly fallback: Stored | null }
  /** Stopped because we asked. */
  | { readonly kind: "stopped" }
  /** Nobody knows what it did (reliability §5). `withEngine`: its engine's end was its own, so that it says nothing of the step. */
  | { readonly kind: "lost"; readonly reason: string; readonly failure: TaskFailure; readonly withEngine?: boolean }
  /** It never began, and never will under this number's permit: the same attempt is dispatched again. */
  | { readonly kind: "not_started"; readonly reason: string };

/** What an attempt used, as reported by its executor. */
export interface AttemptUsage {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly costUsd?: number;
  readonly tool?: string;
  /** Captured output: file name below the state directory and true sizes in bytes. */
  readonly logs?: JsonObject;
  readonly tokens?: { readonly input: number; readonly output: number };
  /** The agent's own name for its conversation, by which it can be taken up again. */
  readonly session?: string;
  /** Which tools there were and why this one was taken. */
  readonly selection?: JsonObject;
  /** What was asked of the tool, word for word but for secrets (mission O4). */
  readonly request?: JsonObject;
  /** What the step cache said: `{ hit, key, … }`. */
  readonly cache?: JsonObject;
  /** What the test gate counted: `{ passed, failed, skipped, ok, … }`. */
  readonly gate?: JsonObject;
  /** What became of the step's branch: `{ branch, base, merged, conflicts, … }`. */
  readonly merge?: JsonObject;
}

export type CauseEvent =
  | { readonly type: "run.create"; readonly start: RunStart }
  | { readonly type: "run.cancel"; readonly by: string; readonly reason: string | null }
  | { readonly type: "run.pause"; readonly by: string }
  | { readonly type: "run.resume"; readonly by: string }
  | { readonly type: "run.quarantine"; readonly reason: string }
  | { readonly type: "permit.granted"; readonly step: StepId; readonly attempt: number }
  | {
      readonly type: "attempt.settled";
      readonly step: StepId;
      readonly attempt: number;
      readonly outcome: AttemptOutcome;
      readonly usage: AttemptUsage | null;
    }
  /** What a parked step waited for. `digest`: of what a person was shown. */
  | {
      readonly type: "step.answer";
      readonly step: StepId;
      readonly attempt: number;
      readonly answer: Answered;
      readonly by: string | null;
      readonly digest: string | null;
    }
  | { readonly type: "attempt.progress"; readonly step: StepId; readonly attempt: number; readonly data: JsonObject }
  /** The run's own output has been made and checked, or could not be. */
  | {
      readonly type: "run.finished";
      readonly result: { readonly ok: true; readonly output: Stored } | { readonly ok: false; readonly failure: TaskFailure };
    }
  /** An engine crashed within this attempt's window; counted apart from failures (I-18). */
  | { readonly type: "attempt.orphaned"; readonly step: StepId; readonly attempt: number; readonly epoch: number }
  | { readonly type: "timer.fired"; readonly timer: string }
  /** A person's words about a quarantined step. */
  | { readonly type: "step.release"; readonly step: StepId; readonly by: string }
  | { readonly type: "step.skip"; readonly step: StepId; readonly by: string; readonly reason: string | null }
  | { readonly type: "step.override"; readonly step: StepId; readonly by: string; readonly output: Stored }
  | { readonly type: "step.fail"; readonly step: StepId; readonly by: string; readonly reason: string | null };

export interface Cause {
  readonly id: CauseId;
  /** Wall-clock time in epoch milliseconds at which the host took it in. */
  readonly at: number;
  readonly event: CauseEvent;
}
