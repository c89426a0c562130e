/** Builds the execution request of an attempt (mission O4). Pure: equal attempts of equal runs give equal requests. */

import { hideSecrets } from "../core/hide-secrets.ts";
import { stepNameOf } from "../core/item-id.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import type { AttemptContext } from "../ports/attempt.ts";
import type { ExecutionRequest } from "../ports/execution-request.ts";
import type { DigestText } from "./stored.ts";

/** Characters of one input that are recorded; what is longer is named by its digest, and can be computed again from the journal. */
const INPUT_MAX_CHARS = 16_384;

/** @throws DefinitionError EXPR_* when an input cannot be made */
export function toExecutionRequest(context: Pick<AttemptContext, "request" | "value" | "masks">, digest: DigestText): ExecutionRequest {
  const { runId, tenant, workflow, step, attempt, idempotencyKey, workspace, deadlineAt, graceMs, epoch } = context.request;
  const inputs: Record<string, Json> = {};
  for (const name of Object.keys(step.config).toSorted()) {
    const value = context.value(name);
    if (value !== undefined) inputs[name] = shortened(hideSecrets(value, context.masks), digest);
  }
  return {
    run: runId,
    tenant,
    workflow: workflow.name,
    definition: workflow.hash,
    step: stepNameOf(step.id),
    item: step.item?.key ?? null,
    type: step.type,
    attempt,
    idempotencyKey,
    inputs,
    env: [...new Set([...Object.keys(workflow.env), ...Object.keys(step.env)])].toSorted(),
    tool: null,
    workspace,
    deadlineAt,
    graceMs,
    epoch,
  };
}

function shortened(value: Json, digest: DigestText): Json {
  const text = canonicalJson(value);
  return text.length <= INPUT_MAX_CHARS ? value : { $digest: digest(text), bytes: new TextEncoder().encode(text).length };
}
