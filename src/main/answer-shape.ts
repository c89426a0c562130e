/** Decisions, events and callbacks as programs give them, and what waits for them. */
import type { RunId, StepId } from "../core/ids.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { ApprovalRequest } from "../steps/approval/request.ts";

export interface PendingApproval {
  readonly run: RunId;
  readonly step: StepId;
  readonly attempt: number;
  /** SHA-256 of the canonical JSON of `request`. */
  readonly digest: string;
  /** All that the person is shown. */
  readonly request: ApprovalRequest;
  /** Epoch milliseconds; null for ever. */
  readonly dueAt: number | null;
}

export interface DecisionOptions {
  readonly decision: "approved" | "rejected";
  /** Who decides. The caller has to know who that is: nothing here can find out. */
  readonly by: string;
  /** Groups that this person belongs to. @defaultValue none */
  readonly groups?: readonly string[];
  /** May be left out where the run waits for one approval only. */
  readonly step?: string;
  readonly comment?: string;
  readonly fields?: JsonObject;
  /** Of what the person was shown. @defaultValue that of what is asked now */
  readonly digest?: string;
}

export interface EventSending {
  /** Who sends it, for the journal. */
  readonly by: string;
  readonly data?: Json;
  /** The run that is to hear it. @defaultValue every run that waits for it */
  readonly run?: RunId;
  /** Names this delivery: sent again, no run takes it a second time (I-9). */
  readonly id?: string;
}

export interface Heard {
  readonly run: RunId;
  readonly step: StepId;
}
