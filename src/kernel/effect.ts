/** What the host does after the commit. Ids are deterministic: the same decision names the same effects, so acting twice can be noticed. */
import type { StepId } from "../core/ids.ts";
import type { Parking } from "../plan/parking.ts";
import type { Priority } from "../plan/workflow.ts";

export type StopReason = "cancel" | "timeout";
export type FinalRunState = "succeeded" | "failed" | "canceled" | "quarantined";

export type Effect =
  /** Ask for a place among the running attempts; the answer is `permit.granted`. */
  | { readonly kind: "requestPermit"; readonly id: string; readonly step: StepId; readonly attempt: number; readonly priority: Priority }
  /** Give the place back, or withdraw the request. */
  | { readonly kind: "releasePermit"; readonly id: string; readonly step: StepId }
  | {
      readonly kind: "startAttempt";
      readonly id: string;
      readonly step: StepId;
      readonly attempt: number;
      readonly deadlineAt: number | null;
    }
  | { readonly kind: "stopAttempt"; readonly id: string; readonly step: StepId; readonly attempt: number; readonly reason: StopReason }
  /** The step waits for this; whoever can answer is told (a child run is watched from here on). */
  | { readonly kind: "park"; readonly id: string; readonly step: StepId; readonly attempt: number; readonly parking: Parking }
  /** It waits no longer, whatever the reason. */
  | { readonly kind: "unpark"; readonly id: string; readonly step: StepId; readonly attempt: number; readonly parking: Parking }
  /** `id` comes back in `timer.fired`, never before `dueAt` (I-21). */
  | { readonly kind: "setTimer"; readonly id: string; readonly dueAt: number }
  | { readonly kind: "clearTimer"; readonly id: string }
  /** Render and check the run's output; the answer is `run.finished`. */
  | { readonly kind: "makeOutput"; readonly id: string }
  /** The run has come to rest in this state. */
  | { readonly kind: "complete"; readonly id: string; readonly state: FinalRunState };
