/** A journal entry as seen outside: one line of `events -o jsonl`, one message of a stream. */
import type { JsonObject } from "../core/json.ts";

export interface EventView {
  readonly seq: number;
  /** `<runId>:<seq>`, unique in a store. */
  readonly id: string;
  readonly type: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly tenant: string;
  readonly runId: string;
  readonly stepId?: string;
  readonly itemKey?: string;
  readonly attempt?: number;
  readonly from?: string;
  readonly to?: string;
  readonly data: JsonObject;
  /** 32 and 16 hexadecimal digits: where the transition is found in a trace. */
  readonly traceId: string;
  readonly spanId: string;
}

/** Names by which an older system's clients know events. */
export const EXECUTION_NAMES: Readonly<Record<string, string>> = {
  "run.started": "EXECUTION_STARTED",
  "step.started": "STEP_STARTED",
  "step.succeeded": "STEP_COMPLETED",
  "step.failed": "STEP_FAILED",
  "run.progress": "PROGRESS_UPDATE",
  "run.succeeded": "EXECUTION_COMPLETED",
  "run.failed": "EXECUTION_FAILED",
};
