/** What the routes ask about workflows that are deployed. Those of another tenant do not exist (S-31). */
import type { CheckView } from "../contract/finding-view.ts";
import type { GraphView } from "../contract/graph-view.ts";
import type { PlanView } from "../contract/plan-view.ts";
import type { RetryView, WorkflowPage, WorkflowView } from "../contract/workflow-view.ts";
import type { JsonObject } from "../core/json.ts";
import type { Caller } from "./access.ts";
import type { JsonText } from "./run-reader.ts";

export interface WorkflowsQuery {
  readonly limit: number;
  /** Workflows behind this name. */
  readonly after?: string;
}

/** Says which deployment it is, and what else it shows: an `ETag`. */
export interface Tagged<TValue> {
  readonly value: TValue;
  readonly tag: string;
}

/** What must be deployed for a change to be made: nothing yet, something, or what one of these tags was seen of. */
export type Expected =
  | { readonly kind: "any" }
  | { readonly kind: "none" }
  | { readonly kind: "some" }
  | { readonly kind: "tags"; readonly tags: readonly string[] };

/** Every method that takes a name throws RequestError WORKFLOW_NOT_FOUND where it is not deployed. */
export interface WorkflowService {
  list(query: WorkflowsQuery, caller: Caller): WorkflowPage;
  /** @throws RequestError WORKFLOW_VERSION_NOT_FOUND */
  show(name: string, version: string | undefined, caller: Caller): Tagged<WorkflowView>;
  /** @throws DefinitionErrors; RequestError WORKFLOW_NAME, WORKFLOW_CHANGED */
  deploy(name: string, source: string, expected: Expected, caller: Caller): Promise<Tagged<WorkflowView> & { readonly isNew: boolean }>;
  /** @throws RequestError WORKFLOW_CHANGED */
  remove(name: string, expected: Expected, caller: Caller): Promise<void>;
  graph(name: string, version: string | undefined, caller: Caller): Promise<JsonText<GraphView>>;
  plan(name: string, how: { readonly version?: string; readonly workers: number }, caller: Caller): PlanView;
  retry(name: string, version: string | undefined, caller: Caller): readonly RetryView[];
  /** Of a text that is not deployed. Loads no code (S-46). */
  check(source: string): CheckView;
  /** JSON Schema of workflow files. */
  schema(): JsonObject;
}
