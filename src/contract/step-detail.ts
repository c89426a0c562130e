/** A step or an item with all that is known of it. */
import type { Json, JsonObject } from "../core/json.ts";
import type { StepView } from "./run-view.ts";
import type { WaitingView } from "./waiting-view.ts";

export interface AttemptView {
  readonly attempt: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** `succeeded failed timed_out stopped lost`, `parked`, `fanned`; null while it runs. */
  readonly outcome: string | null;
  readonly error: Json;
  readonly tool: string | null;
  readonly costUsd: number | null;
}

export interface StepDetail {
  readonly step: StepView;
  readonly attempts: readonly AttemptView[];
  /** What its latest attempt was given, secrets masked; null before the first. */
  readonly inputs: Json;
  /** Cache, gate, merge, tokens, as its latest attempt told. */
  readonly usage: JsonObject | null;
  readonly why: readonly WaitingView[];
}
