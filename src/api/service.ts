/** What the routes ask of the engine and its store. Every answer is about one tenant: what belongs to another does not exist (S-31, S-32). */
import type { EventView } from "../contract/event-view.ts";
import type { NotificationsView } from "../contract/notification-view.ts";
import type { PendingDecision } from "../contract/pending-decision.ts";
import type { RunSummary } from "../contract/run-summary.ts";
import type { RunAnswer } from "../contract/run-view.ts";
import type { WaitingView } from "../contract/waiting-view.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { Caller } from "./access.ts";

/** What is to be run: a deployed workflow, or for those who may edit, one that is sent along (S-33). */
export type StartedWorkflow =
  | { readonly kind: "deployed"; readonly name: string; readonly version?: string }
  /** As a document, or as the text of its file. */
  | { readonly kind: "sent"; readonly definition: string | JsonObject };

export interface StartRequest {
  readonly workflow: StartedWorkflow;
  readonly input?: Json;
  readonly context?: JsonObject;
  readonly priority?: number;
  readonly concurrency?: number | null;
  /** Starting again with the same key, workflow and input gives the same run (I-8). */
  readonly key?: string;
  readonly traceparent?: string;
  readonly tracestate?: string;
}

export interface RunsQuery {
  readonly states?: readonly string[];
  readonly workflow?: string;
  /** Part of the name of a workflow, or the beginning or end of an id. */
  readonly text?: string;
  /** Epoch milliseconds, the end not included. */
  readonly createdFrom?: number;
  readonly createdBefore?: number;
  readonly limit: number;
  /** Runs before this one, newest first. */
  readonly before?: string;
}

export type RunAction =
  | { readonly kind: "cancel"; readonly reason: string | null }
  | { readonly kind: "pause" }
  | { readonly kind: "resume" }
  | { readonly kind: "retry" }
  | { readonly kind: "fork"; readonly from: string }
  | { readonly kind: "release"; readonly step: string }
  | { readonly kind: "skip"; readonly step: string; readonly reason: string | null }
  | { readonly kind: "fail"; readonly step: string; readonly reason: string | null }
  | { readonly kind: "override"; readonly step: string; readonly output: Json };

export interface Decision {
  readonly decision: "approved" | "rejected";
  readonly step?: string;
  readonly comment?: string;
  readonly fields?: JsonObject;
  /** Of what the person was shown (S-36). */
  readonly digest: string;
}

export interface LogQuery {
  /** Id of a step or an item. */
  readonly step: string;
  /** The latest where it is not said. */
  readonly attempt?: number;
  readonly stream: "stdout" | "stderr";
  /** Offset in bytes. */
  readonly from: number;
}

export interface LogPart {
  readonly attempt: number;
  readonly bytes: Uint8Array;
  /** Offset behind the part. */
  readonly end: number;
  /** Nothing will be added any more. */
  readonly hasEnded: boolean;
}

/** Every method throws RequestError RUN_NOT_FOUND for a run that is not the caller's tenant's. */
export interface RunService {
  /**
   * @throws RequestError WORKFLOW_NOT_FOUND, WORKFLOW_VERSION_NOT_FOUND, API_RIGHT for a definition of whoever may not edit; DefinitionErrors,
   * RequestError INPUT_INVALID, IDEMPOTENCY_MISMATCH; TransientError BACKPRESSURE
   */
  start(request: StartRequest, caller: Caller): Promise<RunAnswer>;
  list(query: RunsQuery, caller: Caller): readonly RunSummary[];
  /** As it was after this entry, or as it is. @throws RequestError SEQ_NOT_FOUND */
  view(run: string, at: number | null, caller: Caller): Promise<RunAnswer>;
  /** Whether it has ended or waits for a person; told without reading the run. */
  isAtRest(run: string, caller: Caller): boolean;
  why(run: string, step: string | undefined, caller: Caller): Promise<readonly WaitingView[]>;
  /** With `follow` until the run is at rest. The signal ends it early. */
  events(
    run: string,
    how: { readonly afterSeq: number; readonly follow: boolean; readonly signal: AbortSignal },
    caller: Caller,
  ): AsyncIterable<EventView>;
  /** Answers with the run that goes on: the same, or a new one. */
  act(run: string, action: RunAction, caller: Caller): Promise<RunAnswer>;
  /** @throws RequestError STEP_NOT_FOUND where the step has had no such attempt */
  log(run: string, query: LogQuery, caller: Caller): LogPart;
  approvals(caller: Caller): readonly PendingDecision[];
  decide(run: string, decision: Decision, caller: Caller): Promise<RunAnswer>;
  notifications(caller: Caller): NotificationsView;
  /** Why it takes no work; null while it does. */
  whyNotReady(): string | null;
}
