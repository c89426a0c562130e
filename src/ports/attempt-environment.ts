/** The environment of a step: an allow-list, our own names, and what the workflow declares (S-13). Nothing else is inherited. */

import { stepNameOf } from "../core/item-id.ts";
import { attemptSpanId, traceContext } from "../core/trace.ts";
import type { AttemptContext } from "./attempt.ts";
import type { Processes } from "./processes.ts";

/** `TROUPE_OUTPUT` and `TROUPE_ATTEMPT_TOKEN` are added where the control directory is made. */
export function environmentOf(context: AttemptContext, processes: Pick<Processes, "inherited">): Readonly<Record<string, string>> {
  const { request } = context;
  const { traceparent, tracestate } = traceContext(request, attemptSpanId(request, request.step.id, request.attempt));
  return {
    ...processes.inherited,
    CI: "true",
    GIT_TERMINAL_PROMPT: "0",
    TRACEPARENT: traceparent,
    ...(tracestate !== "" && { TRACESTATE: tracestate }),
    ...context.env,
    TROUPE_RUN_ID: request.runId,
    TROUPE_STEP_ID: stepNameOf(request.step.id),
    TROUPE_ITEM_KEY: request.step.item?.key ?? "",
    TROUPE_ATTEMPT: String(request.attempt),
    TROUPE_IDEMPOTENCY_KEY: request.idempotencyKey,
    TROUPE_WORKSPACE: request.workspace,
    ...(request.deadlineAt !== null && { TROUPE_DEADLINE: new Date(request.deadlineAt).toISOString() }),
  };
}
