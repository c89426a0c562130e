/** What a step's statechart understands. Payloads are plain JSON: they are the journal's `data`, word for word. */
import type { Stored } from "../../src/core/blob.ts";
import type { TaskFailure } from "../../src/core/failure.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Answered, ParkedUntil } from "../../src/plan/parking.ts";

/** What an ended attempt left behind; identifies the attempt it is about. */
interface AttemptEnd<TKind extends string> {
  readonly attempt: number;
  readonly outcome: { readonly kind: TKind; readonly failure?: TaskFailure; readonly output?: Stored };
  readonly usage?: JsonObject | null;
}

/** The author's policies as far as they bear on one failure, laid down when it is judged so that a replay needs no definition. */
export interface Verdict {
  /** The policy covers this failure, and repeating the step is allowed. */
  readonly retryable: boolean;
  readonly maxRetries: number;
  /** Nobody may repeat it, and its result cannot be trusted: a person must look. */
  readonly unrepeatable: boolean;
  readonly onExhausted: "fail" | "quarantine";
  /** What a time-out means once no retry is left. */
  readonly onTimeout: "fail" | "fallback" | "skip";
}

/** What a `catch` of the author makes of a failure; computed when it is judged, and used once no retry is left. */
export interface Caught {
  /** Position of the rule that matched. */
  readonly rule: number;
  readonly kind: "skip" | "fallback" | "handle";
  /** The step's output under `fallback`. */
  readonly output: Stored;
}

/** Why a step never ran, or why its failure does not count. */
export interface SkipReason {
  readonly kind: "when" | "needs" | "switch" | "timeout" | "person" | "carried" | "caught" | "handler" | "compensation";
  readonly text: string;
  /** The condition with its operands' values, where there was one. */
  readonly trace?: JsonObject;
  /** The person who said so (I-19). */
  readonly by?: string;
}

/** An absolute timer that lives as long as the state entered with it. */
interface Timed {
  readonly delayMs: number;
  readonly dueAt: number;
  readonly timer: string;
}

export type StepEvent = { readonly at: number } & (
  | { readonly type: "step.ready" }
  | { readonly type: "step.skip"; readonly reason: SkipReason }
  /** Passes through running without an attempt: a carried result, or a condition that cannot be evaluated. */
  | { readonly type: "step.carry"; readonly attempt: number; readonly from: string }
  | { readonly type: "step.admit"; readonly attempt: 0 }
  | ({ readonly type: "attempt.start"; readonly attempt: number } & Partial<Timed>)
  | ({ readonly type: "attempt.succeeded" } & AttemptEnd<"succeeded">)
  | ({ readonly type: "attempt.failed"; readonly verdict: Verdict; readonly caught?: Caught } & AttemptEnd<"failed"> & Partial<Timed>)
  | ({ readonly type: "attempt.timed_out"; readonly verdict: Verdict; readonly caught?: Caught } & AttemptEnd<"timed_out"> & Partial<Timed>)
  | ({ readonly type: "attempt.stopped" } & AttemptEnd<"stopped">)
  /** Its result is unknown. `counted`: its engine lived, so that this speaks against the step as an engine's death would. */
  | ({
      readonly type: "attempt.lost";
      readonly repeatable: boolean;
      readonly counted?: boolean;
      readonly verdict: Pick<Verdict, "unrepeatable">;
      readonly caught?: Caught;
    } & AttemptEnd<"lost">)
  /** Its part is done; the step waits for an answer, or for the timer that comes with this. */
  | ({
      readonly type: "attempt.parked";
      readonly attempt: number;
      readonly until: ParkedUntil;
      readonly usage?: JsonObject | null;
    } & Partial<Timed>)
  /** The items are known, and get actors of their own. */
  | {
      readonly type: "attempt.fanned";
      readonly attempt: number;
      readonly keys: readonly string[];
      readonly items: Stored;
      readonly usage?: JsonObject | null;
    }
  /** What a parked step waited for; `xstate.after.parking` says the same when the time is up. */
  | {
      readonly type: "step.answer";
      readonly attempt: number;
      readonly answer: Answered;
      readonly by: string | null;
      readonly digest: string | null;
      readonly caught?: Caught;
    }
  | { readonly type: "xstate.after.parking.step-v1.running.parked"; readonly answer: Answered; readonly caught?: Caught }
  /** All items have ended. `failure` says that too many of them failed. */
  | { readonly type: "step.joined"; readonly failed: number; readonly failure: TaskFailure | null; readonly caught?: Caught }
  /** It never began: dispatch the same attempt again. */
  | { readonly type: "attempt.requeued"; readonly attempt: number; readonly reason: string }
  /** An engine died within its window; the attempt itself may live on. */
  | { readonly type: "attempt.orphaned"; readonly attempt: number; readonly epoch: number; readonly quarantine: boolean }
  | { readonly type: "attempt.progress"; readonly attempt: number; readonly progress: JsonObject }
  | { readonly type: "step.cancel" }
  | { readonly type: "step.fail"; readonly failure: TaskFailure; readonly by?: string }
  | { readonly type: "step.release"; readonly by: string }
  | { readonly type: "step.override"; readonly by: string; readonly output: Stored }
  | { readonly type: "xstate.after.backoff.step-v1.retrying" }
  | { readonly type: "xstate.after.timeout.step-v1.running.executing" }
);
