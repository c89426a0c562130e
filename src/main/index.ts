/** The public surface of the package. */
export type { EventView } from "../contract/event-view.ts";
export type { RunView, StepView } from "../contract/run-view.ts";
export { DefinitionError, DefinitionErrors, RequestError, TransientError, TroupeError } from "../core/errors.ts";
export type { FailureClass, TaskFailure } from "../core/failure.ts";
export type { Json, JsonObject } from "../core/json.ts";
export { type DataError, type DataResult, type Finding, validateData } from "../definition/index.ts";
export { type Plan, plan } from "../plan/plan.ts";
export type { StepTypeDeclaration } from "../plan/step-type.ts";
export type { CompiledStep, CompiledWorkflow, Priority } from "../plan/workflow.ts";
export type { AttemptContext, AttemptRequest, Execution, StepType } from "../ports/attempt.ts";
export type { CommittedEntry, Observer } from "../ports/observer.ts";
export type { FunctionContext, StepFunction } from "../steps/function/execute.ts";
export type { DecisionOptions, EventSending, Heard, PendingApproval } from "./answer-shape.ts";
export { createTroupe } from "./create-troupe.ts";
export { check, compile, evaluate, render } from "./pieces.ts";
export type { RunHandle, RunListOptions, RunOptions, RunSummary, TelemetryOptions, Troupe, TroupeOptions, TypedRunView } from "./troupe.ts";
