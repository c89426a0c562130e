/** Shapes of requests and answers. Requests are judged by them, unknown names and all (S-33); answers are described. */
import { Type } from "typebox";
import type { EventView } from "../contract/event-view.ts";
import type { PendingDecision } from "../contract/pending-decision.ts";
import { ROLES } from "../contract/role.ts";
import type { RunSummary } from "../contract/run-summary.ts";
import type { RunView } from "../contract/run-view.ts";
import { RIGHTS, type SessionView } from "../contract/session-view.ts";
import type { WaitingView } from "../contract/waiting-view.ts";

const strict = { additionalProperties: false } as const;
const json = Type.Unknown({ description: "Any JSON." });
const object = Type.Record(Type.String(), Type.Unknown());
const time = Type.Union([Type.Integer(), Type.Null()], { description: "Epoch milliseconds." });
const text = (description: string, maxLength = 200) => Type.String({ minLength: 1, maxLength, description });

export const RunParams = Type.Object({ run: Type.String({ pattern: "^run_[0-9a-f]{32}$", description: "Id of a run." }) }, strict);

export const StartBody = Type.Object(
  {
    workflow: Type.Union([Type.String({ minLength: 1 }), object], { description: "A workflow as the text of its file, or as a document." }),
    input: Type.Optional(json),
    context: Type.Optional(object),
    priority: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
    concurrency: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Null()])),
  },
  strict,
);
export const StartHeaders = Type.Object({
  "idempotency-key": Type.Optional(text("The same key, workflow and input give the same run.", 255)),
  traceparent: Type.Optional(Type.String({ maxLength: 200 })),
  tracestate: Type.Optional(Type.String({ maxLength: 512 })),
});

const STATES = ["pending", "running", "succeeded", "failed", "canceled", "quarantined"] as const;
export const ListQuery = Type.Object(
  {
    state: Type.Optional(
      Type.Union([Type.Enum(STATES), Type.Array(Type.Enum(STATES), { maxItems: STATES.length })], { description: "Again for each state." }),
    ),
    workflow: Type.Optional(text("Name of a workflow.")),
    limit: Type.Optional(
      Type.String({ pattern: "^([1-9]|[1-9][0-9]|[1-4][0-9]{2}|500)$", description: "Runs a page, 1 to 500.", default: "50" }),
    ),
    cursor: Type.Optional(Type.String({ pattern: "^run_[0-9a-f]{32}$", description: "`next` of the page before." })),
  },
  strict,
);
export const EventsQuery = Type.Object(
  {
    after: Type.Optional(Type.String({ pattern: "^[0-9]{1,15}$", description: "Number of the last event that is known." })),
    names: Type.Optional(Type.Enum(["events", "execution"] as const)),
  },
  strict,
);
export const LogParams = Type.Object({ ...RunParams.properties, step: text("Id of a step or an item.", 1_000) }, strict);
export const LogQuery = Type.Object(
  {
    attempt: Type.Optional(Type.String({ pattern: "^[1-9][0-9]{0,5}$", description: "The latest where it is not said." })),
    stream: Type.Optional(Type.Enum(["stdout", "stderr"] as const)),
    from: Type.Optional(Type.String({ pattern: "^[0-9]{1,12}$", description: "Offset in bytes; `troupe-log-end` of the part before." })),
  },
  strict,
);
export const WhyQuery = Type.Object({ step: Type.Optional(text("Id of a step.", 1_000)) }, strict);

/** Null is a request without a body. */
export const NoBody = Type.Union([Type.Object({}, strict), Type.Null()]);
export const CancelBody = Type.Union([Type.Object({ reason: Type.Optional(text("For the journal.", 1_000)) }, strict), Type.Null()]);
export const ForkBody = Type.Object({ from: text("The step from which on all is run again.", 1_000) }, strict);
export const ReleaseBody = Type.Object({ step: text("A quarantined step.", 1_000) }, strict);
export const DecisionBody = Type.Object(
  {
    decision: Type.Enum(["approved", "rejected"] as const),
    digest: Type.String({ pattern: "^[0-9a-f]{64}$", description: "That of the request that was shown." }),
    step: Type.Optional(text("Where the run waits for several.", 1_000)),
    comment: Type.Optional(text("For the journal.", 4_000)),
    fields: Type.Optional(object),
  },
  strict,
);

/** One or the other, so that nobody wonders which of them counted. */
export const SessionBody = Type.Union([
  Type.Object({ ticket: text("Of a login link.") }, strict),
  Type.Object({ key: text("As `troupe keys create` told it.") }, strict),
]);

const Progress = Type.Object({ done: Type.Integer(), total: Type.Integer(), percent: Type.Integer() });
const Step = Type.Object({
  id: Type.String(),
  itemKey: Type.Union([Type.String(), Type.Null()]),
  state: Type.String(),
  attempts: Type.Integer(),
  output: json,
  error: Type.Union([object, Type.Null()]),
  startedAt: time,
  endedAt: time,
});
export const Run = Type.Unsafe<RunView>(
  Type.Object({
    id: Type.String(),
    workflow: Type.String(),
    state: Type.String(),
    input: json,
    output: json,
    error: Type.Union([object, Type.Null()]),
    startedAt: time,
    endedAt: time,
    costUsd: Type.Number(),
    waitingFor: Type.Union([Type.String(), Type.Null()]),
    progress: Progress,
    steps: Type.Array(Step),
  }),
);
export const RunPage = Type.Unsafe<{ runs: readonly RunSummary[]; next: string | null }>(
  Type.Object({
    runs: Type.Array(Type.Object({ id: Type.String(), workflow: Type.String(), state: Type.String(), progress: Progress })),
    next: Type.Union([Type.String(), Type.Null()], { description: "`cursor` of the next page; null for none." }),
  }),
);
const Event = Type.Object({ seq: Type.Integer(), id: Type.String(), type: Type.String(), at: Type.String(), data: object });
export const EventPage = Type.Unsafe<{ events: readonly EventView[]; next: number | null }>(
  Type.Object({ events: Type.Array(Event), next: Type.Union([Type.Integer(), Type.Null()], { description: "`after` of the next page." }) }),
);
export const Nothing = Type.Unsafe<undefined>({ type: "null", description: "The run is at rest, and nothing has come since." });
export const WaitingList = Type.Unsafe<readonly WaitingView[]>(
  Type.Array(Type.Object({ actor: Type.String(), state: Type.String(), waitsFor: object, enabled: Type.Array(Type.String()) })),
);
export const PendingList = Type.Unsafe<readonly PendingDecision[]>(
  Type.Array(Type.Object({ run: Type.String(), step: Type.String(), digest: Type.String(), request: object, dueAt: time })),
);
export const Session = Type.Unsafe<SessionView>(
  Type.Object({
    name: Type.String(),
    role: Type.Enum(ROLES),
    tenant: Type.String(),
    rights: Type.Array(Type.Enum(RIGHTS)),
    csrf: Type.Union([Type.String(), Type.Null()], { description: "For `x-troupe-csrf`; null for a key." }),
    version: Type.String(),
  }),
);
export const Ended = Type.Unsafe<undefined>({ type: "null", description: "It is none any more." });
export const MetricsText = Type.String({ description: "In a text format of Prometheus or in OpenMetrics." });
export const StreamTicket = Type.Object({ ticket: Type.String() });
export const ProblemAnswer = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  fix: Type.Optional(Type.String()),
  requestId: Type.String(),
  errors: Type.Optional(Type.Array(object)),
});
