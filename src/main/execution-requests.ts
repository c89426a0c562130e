/**
 * The execution request of a step's latest attempt: as it was recorded where a tool was asked, and computed again from the journal for all
 * other attempts, which hold nothing that is not in it.
 */
import type { LoadBlob } from "../core/blob.ts";
import { isTroupeError, RequestError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import { toActorId } from "../core/item-id.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import { stepById } from "../kernel/roster.ts";
import { runScope, sourceOf } from "../kernel/scope.ts";
import type { RunSnapshot } from "../kernel/snapshot.ts";
import { parseDecision, type ToolDecision } from "../plan/tool-decision.ts";
import { type CompiledStep, type CompiledWorkflow, GRACE_MS_DEFAULT } from "../plan/workflow.ts";
import type { AttemptRow, Store } from "../ports/store.ts";
import { EvaluatingContext } from "../runtime/attempt-context.ts";
import { toExecutionRequest } from "../runtime/execution-request.ts";
import { scopeWithSecrets } from "../runtime/secret-scope.ts";
import { digestOf } from "./ids.ts";

export interface AskedOfStep {
  readonly step: string;
  readonly attempt: number;
  /** False for a request that was computed again. */
  readonly recorded: boolean;
  readonly request: JsonObject;
  /** How the tool was chosen; null where none was. */
  readonly decision: ToolDecision | null;
}

export interface RequestSource {
  readonly store: Pick<Store, "entries" | "attempts" | "blob">;
  readonly runId: RunId;
  readonly workflow: CompiledWorkflow;
  readonly snapshot: RunSnapshot;
}

/** Stands for every secret. */
const HIDDEN = "***";

/** What tools were asked, and why they were: the latest attempt of each step that recorded it. */
export function recordedRequests({ store, runId }: Pick<RequestSource, "store" | "runId">): readonly AskedOfStep[] {
  const latest = new Map<string, AskedOfStep>();
  for (const { actor, data } of store.entries(runId, 0, Number.MAX_SAFE_INTEGER)) {
    const { usage, attempt } = data;
    if (!isJsonObject(usage)) continue;
    const decision = parseDecision(usage.selection);
    if (!isJsonObject(usage.request) && decision === null) continue;
    const request = isJsonObject(usage.request) ? usage.request : {};
    latest.set(actor, { step: actor, attempt: Number(attempt), recorded: true, request, decision });
  }
  return [...latest.values()];
}

/** @throws RequestError STEP_NOT_FOUND; DefinitionError EXPR_* for an input that cannot be made, as when a step before it has not ended */
export function requestOf(from: RequestSource, step: string): AskedOfStep {
  const recorded = recordedRequests(from).find((one) => one.step === toActorId(step));
  return recorded !== undefined && Object.keys(recorded.request).length > 0
    ? recorded
    : { ...computedRequest(from, step), decision: recorded?.decision ?? null };
}

/** As it is made from the journal, whatever was recorded. @throws as `requestOf` */
export function requestOfStep(from: RequestSource, step: string): JsonObject {
  return computedRequest(from, step).request;
}

/** Of every step that had an attempt, by id; without those whose input cannot be made. */
export function allRequests(from: RequestSource): ReadonlyMap<string, AskedOfStep> {
  const { store, runId, workflow, snapshot } = from;
  const recorded = new Map(recordedRequests(from).map((asked) => [asked.step, asked]));
  const latest = new Map(store.attempts(runId).map((row) => [row.step, row]));
  const asked = new Map<string, AskedOfStep>();
  for (const [id, row] of latest) {
    const known = recorded.get(id);
    const step = stepById({ workflow, fans: snapshot.fans }, id);
    if (known !== undefined && Object.keys(known.request).length > 0) asked.set(id, known);
    else if (step !== undefined) {
      try {
        asked.set(id, { ...computeRequest(from, step, row), decision: known?.decision ?? null });
      } catch (thrown) {
        if (!isTroupeError(thrown) || thrown.kind !== "definition") throw thrown;
      }
    }
  }
  return asked;
}

function computedRequest(from: RequestSource, name: string): AskedOfStep {
  const { store, runId, workflow, snapshot } = from;
  const step = stepById({ workflow, fans: snapshot.fans }, name);
  if (step === undefined) throw new RequestError("STEP_NOT_FOUND", { run: runId, step: name });
  return computeRequest(from, step, store.attempts(runId, [step.id]).at(-1));
}

function computeRequest({ store, runId, workflow, snapshot }: RequestSource, step: CompiledStep, row: AttemptRow | undefined): AskedOfStep {
  const source = sourceOf(workflow, snapshot);
  const { tenant, trace, workspace } = snapshot.start;
  const attempt = Math.max(1, source.slot(step.index).actor.context.attempt);
  const load: LoadBlob = (ref) => store.blob(ref);
  const request = {
    ...{ runId, tenant, workflow, step, attempt, trace, workspace },
    idempotencyKey: `${runId}/${step.id}`,
    deadlineAt: row === undefined || step.timeout === null ? null : row.startedAt + step.timeout.afterMs,
    graceMs: step.timeout?.graceMs ?? GRACE_MS_DEFAULT,
    epoch: row?.epoch ?? 0,
  };
  const secrets = Object.fromEntries(Object.keys(workflow.secrets).map((secret) => [secret, HIDDEN]));
  const context = new EvaluatingContext(request, {
    scope: scopeWithSecrets(runScope(source, load, { step }), request, secrets),
    signal: new AbortController().signal,
    progress: () => undefined,
    masks: [],
    isReattached: false,
    fault: null,
  });
  // A request holds nothing but JSON.
  const computed = toExecutionRequest(context, digestOf) as unknown as JsonObject;
  return { step: step.id, attempt, recorded: false, request: computed, decision: null };
}
