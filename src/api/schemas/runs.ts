/** Runs: what may be asked about them, and what is answered. */
import { Type } from "typebox";
import type { DefinitionView } from "../../contract/definition-view.ts";
import type { EventView } from "../../contract/event-view.ts";
import type { PendingDecision } from "../../contract/pending-decision.ts";
import type { QuarantinedView } from "../../contract/quarantined-view.ts";
import type { RunPage as RunPageView } from "../../contract/run-summary.ts";
import type { RunAnswer, StepPage as StepPageView, StepView } from "../../contract/run-view.ts";
import type { StepDetail as StepDetailView } from "../../contract/step-detail.ts";
import type { WaitingView } from "../../contract/waiting-view.ts";
import {
  at,
  component,
  count,
  digits,
  json,
  milliseconds,
  next,
  nullable,
  object,
  pageSize,
  strict,
  text,
  textOrNull,
  time,
  usd,
} from "./shared.ts";
import { workflowName, workflowVersion } from "./workflow-name.ts";

const runId = Type.String({ pattern: "^run_[0-9a-f]{32}$", description: "Id of a run." });
const stepId = (description = "Id of a step or an item.") => text(description, 1_000);

export const RunParams = Type.Object({ run: runId }, strict);
export const StepParams = Type.Object({ run: runId, step: stepId() }, strict);

const around = {
  input: Type.Optional(json),
  context: Type.Optional(object),
  priority: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
  concurrency: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Null()])),
};
export const StartBody = Type.Union([
  Type.Object(
    {
      workflow: workflowName("Name of a deployed workflow."),
      version: Type.Optional(workflowVersion("One of its versions; the last one where it is not said.")),
      ...around,
    },
    strict,
  ),
  Type.Object(
    {
      definition: Type.Union([Type.String({ minLength: 1 }), object], {
        description: "For keys that may edit: the text of a workflow file, or a document.",
      }),
      ...around,
    },
    strict,
  ),
]);
export const StartHeaders = Type.Object({
  "idempotency-key": Type.Optional(text("The same key, workflow and input give the same run.", 255)),
  traceparent: Type.Optional(Type.String({ maxLength: 200 })),
  tracestate: Type.Optional(Type.String({ maxLength: 512 })),
});

const several = <TStates extends readonly string[]>(states: TStates) =>
  Type.Optional(
    Type.Union([Type.Enum(states), Type.Array(Type.Enum(states), { maxItems: states.length })], { description: "Again for each state." }),
  );
const RUN_STATES = ["pending", "running", "succeeded", "failed", "canceled", "quarantined"] as const;
const STEP_STATES = [...RUN_STATES, "retrying", "skipped"] as const;

export const ListQuery = Type.Object(
  {
    state: several(RUN_STATES),
    workflow: Type.Optional(text("Name of a workflow.")),
    q: Type.Optional(text("Part of the name of a workflow, in whichever case, or the beginning or end of an id.", 100)),
    from: Type.Optional(digits("Runs created at this time or later, in epoch milliseconds.")),
    to: Type.Optional(digits("Runs created before this time, in epoch milliseconds.")),
    limit: Type.Optional(pageSize(50)),
    cursor: Type.Optional(Type.String({ pattern: "^run_[0-9a-f]{32}$", description: "`next` of the page before." })),
  },
  strict,
);
export const ViewQuery = Type.Object({ at: Type.Optional(digits("As it was after the event of this number.", 9)) }, strict);
export const StepsQuery = Type.Object(
  { state: several(STEP_STATES), limit: Type.Optional(pageSize(100)), cursor: Type.Optional(stepId("`next` of the page before.")) },
  strict,
);
export const DiffQuery = Type.Object({ with: runId }, strict);
export const EventsQuery = Type.Object(
  {
    after: Type.Optional(digits("Number of the last event that is known.")),
    names: Type.Optional(Type.Enum(["events", "execution"] as const)),
  },
  strict,
);
export const LogQuery = Type.Object(
  {
    attempt: Type.Optional(Type.String({ pattern: "^[1-9][0-9]{0,5}$", description: "The latest where it is not said." })),
    stream: Type.Optional(Type.Enum(["stdout", "stderr"] as const)),
    from: Type.Optional(digits("Offset in bytes; `troupe-log-end` of the part before.", 12)),
  },
  strict,
);
export const WhyQuery = Type.Object({ step: Type.Optional(stepId()) }, strict);

/** Null is a request without a body. */
export const NoBody = Type.Union([Type.Object({}, strict), Type.Null()]);
const reason = Type.Optional(text("For the journal.", 1_000));
export const CancelBody = Type.Union([Type.Object({ reason }, strict), Type.Null()]);
export const ForkBody = Type.Object({ from: stepId("The step from which on all is run again.") }, strict);
export const ReleaseBody = Type.Object({ step: stepId("A quarantined step.") }, strict);
export const SettleBody = Type.Object({ step: stepId("A quarantined step."), reason }, strict);
export const OverrideBody = Type.Object({ step: stepId("A quarantined step."), output: json }, strict);
export const DecisionBody = Type.Object(
  {
    decision: Type.Enum(["approved", "rejected"] as const),
    digest: Type.String({ pattern: "^[0-9a-f]{64}$", description: "That of the request that was shown." }),
    step: Type.Optional(stepId("Where the run waits for several.")),
    comment: Type.Optional(text("For the journal.", 4_000)),
    fields: Type.Optional(object),
  },
  strict,
);

const Progress = Type.Object({ done: count, total: count, percent: count });
const Failure = component<object>(
  "Failure",
  Type.Object(
    { class: Type.String(), code: Type.String(), title: Type.String() },
    { additionalProperties: true, description: "Why an attempt failed." },
  ),
);
const Step = component<StepView>(
  "Step",
  Type.Object({
    id: Type.String(),
    itemKey: textOrNull,
    type: Type.String(),
    title: textOrNull,
    state: Type.String(),
    detail: Type.String({ description: "Dotted statechart state." }),
    attempts: count,
    output: json,
    error: nullable(Failure),
    skippedBecause: textOrNull,
    quarantinedBecause: textOrNull,
    lateResult: nullable(Type.Object({ outcome: Type.String(), output: json, error: nullable(Failure) })),
    cached: Type.Boolean(),
    tool: textOrNull,
    startedAt: time,
    endedAt: time,
    durationMs: milliseconds,
    workMs: milliseconds,
    costUsd: usd,
    dueAt: time,
  }),
);
export const Run = component<RunAnswer>(
  "Run",
  Type.Object({
    id: Type.String(),
    workflow: Type.String(),
    definitionHash: Type.String(),
    tenant: Type.String(),
    priority: Type.Integer(),
    state: Type.String(),
    detail: Type.String({ description: "Dotted statechart state." }),
    input: json,
    output: json,
    error: nullable(Type.Object({ step: textOrNull, failure: Failure })),
    createdAt: at,
    startedAt: time,
    endedAt: time,
    durationMs: milliseconds,
    costUsd: usd,
    waitingFor: textOrNull,
    parent: nullable(Type.Object({ runId: Type.String(), relation: Type.String(), from: textOrNull })),
    progress: Progress,
    steps: Type.Array(Step, { description: "The first of them." }),
    stepsNext: Type.Union([Type.String(), Type.Null()], { description: "`cursor` for the steps behind these; null where these are all." }),
  }),
);
export const RunPage = component<RunPageView>(
  "RunPage",
  Type.Object({
    runs: Type.Array(
      Type.Object({
        id: Type.String(),
        workflow: Type.String(),
        state: Type.String(),
        createdAt: at,
        startedAt: time,
        endedAt: time,
        durationMs: milliseconds,
        costUsd: usd,
        progress: Progress,
        parent: textOrNull,
      }),
    ),
    next,
  }),
);
export const StepPage = component<StepPageView>("StepPage", Type.Object({ steps: Type.Array(Step), next }));

const Waiting = component<WaitingView>(
  "Waiting",
  Type.Object({
    actor: Type.String({ description: "`run`, or the id of a step." }),
    state: Type.String(),
    waitsFor: object,
    enabled: Type.Array(Type.String(), { description: "Events that its statechart answers." }),
    condition: nullable(object),
  }),
);
export const WaitingList = Type.Unsafe<readonly WaitingView[]>(Type.Array(Waiting));
export const StepDetail = component<StepDetailView>(
  "StepDetail",
  Type.Object({
    step: Step,
    attempts: Type.Array(
      Type.Object({
        attempt: count,
        startedAt: at,
        endedAt: time,
        outcome: textOrNull,
        error: json,
        tool: textOrNull,
        costUsd: nullable(usd),
      }),
    ),
    inputs: json,
    usage: nullable(object),
    why: Type.Array(Waiting),
  }),
);
export const Definition = component<DefinitionView>(
  "Definition",
  Type.Object({ workflow: Type.String(), version: Type.String(), source: textOrNull, document: object }),
);
export const QuarantinedList = Type.Unsafe<readonly QuarantinedView[]>(
  Type.Array(
    Type.Object({
      run: Type.String(),
      workflow: Type.String(),
      step: Type.String(),
      because: Type.String(),
      since: at,
      attempts: count,
      error: nullable(Failure),
    }),
  ),
);
const Event = Type.Object({
  seq: count,
  id: Type.String(),
  type: Type.String(),
  at: Type.String(),
  tenant: Type.String(),
  runId: Type.String(),
  stepId: Type.Optional(Type.String()),
  attempt: Type.Optional(count),
  from: Type.Optional(Type.String()),
  to: Type.Optional(Type.String()),
  data: object,
  traceId: Type.String(),
  spanId: Type.String(),
});
export const EventPage = component<{ events: readonly EventView[]; next: number | null }>(
  "EventPage",
  Type.Object({ events: Type.Array(Event), next: Type.Union([count, Type.Null()], { description: "`after` of the next page." }) }),
);
export const PendingList = Type.Unsafe<readonly PendingDecision[]>(
  Type.Array(Type.Object({ run: Type.String(), step: Type.String(), attempt: count, digest: Type.String(), request: object, dueAt: time })),
);
