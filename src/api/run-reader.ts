/** What the routes ask about a run beside its state. Every method throws RequestError RUN_NOT_FOUND for a run that is not the caller's (S-32). */
import type { DefinitionView } from "../contract/definition-view.ts";
import type { GraphView } from "../contract/graph-view.ts";
import type { QuarantinedView } from "../contract/quarantined-view.ts";
import type { RunDiffView } from "../contract/run-diff.ts";
import type { RunReport } from "../contract/run-report.ts";
import type { StepPage } from "../contract/run-view.ts";
import type { SpanView } from "../contract/span-view.ts";
import type { StepDetail } from "../contract/step-detail.ts";
import type { Caller } from "./access.ts";

export interface StepsQuery {
  readonly states?: readonly string[];
  readonly limit: number;
  /** Steps behind this one, in the order of the workflow. */
  readonly after?: string;
}

/** @throws RequestError ANSWER_TOO_LARGE where it is awaited. The text of a JSON value. What is large is written elsewhere than on the server's thread. */
export interface JsonText<TValue> {
  readonly text: string;
  /** Names the type of the value; nobody sets it. */
  readonly of?: TValue;
}

export interface RunReader {
  /** @throws RequestError STEP_NOT_FOUND for a cursor that is none */
  steps(run: string, query: StepsQuery, caller: Caller): Promise<StepPage>;
  /** @throws RequestError STEP_NOT_FOUND */
  step(run: string, step: string, caller: Caller): Promise<StepDetail>;
  graph(run: string, caller: Caller): Promise<JsonText<GraphView>>;
  stats(run: string, caller: Caller): Promise<JsonText<RunReport>>;
  trace(run: string, caller: Caller): Promise<JsonText<readonly SpanView[]>>;
  diff(left: string, right: string, caller: Caller): Promise<JsonText<RunDiffView>>;
  definition(run: string, caller: Caller): DefinitionView;
  quarantined(caller: Caller): Promise<readonly QuarantinedView[]>;
}
