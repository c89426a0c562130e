/** Which deployed workflows an event starts, with which input, and why the others not. Nothing of the event is ever a definition (S-33). */

import type { FailedByEvent, UnmatchedByEvent } from "../../contract/delivery-view.ts";
import { isTroupeError, toError } from "../../core/errors.ts";
import type { Digest, TenantId } from "../../core/ids.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import { scopeOf } from "../../expression/scope.ts";
import { type Trace, traceCondition } from "../../expression/trace.ts";
import { evaluateField } from "../../plan/evaluate-field.ts";
import type { EventTrigger } from "../../plan/triggers.ts";
import type { TriggeredWorkflow, TriggerStore } from "../../ports/triggers.ts";
import type { ReadTriggers } from "./schedule-table.ts";

export interface IncomingEvent {
  readonly tenant: TenantId;
  readonly name: string;
  /** As its sender names the delivery. */
  readonly id: string;
  readonly body: Json;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Of all headers, what filters may read: never a credential, a cookie or a signature. */
export const HEADERS_ALLOWED = [
  "content-type",
  "user-agent",
  "webhook-id",
  "webhook-timestamp",
  "x-event-type",
  "x-gitea-event",
  "x-github-delivery",
  "x-github-event",
  "x-github-hook-id",
  "x-gitlab-event",
  "x-request-id",
] as const;

export interface PlannedStart {
  readonly workflow: string;
  readonly version: Digest;
  readonly trigger: number;
  /** Null for a run without input. */
  readonly input: { readonly value: Json } | null;
}

export interface EventPlan {
  readonly id: string;
  readonly starts: readonly PlannedStart[];
  readonly unmatched: readonly UnmatchedByEvent[];
  readonly failed: readonly FailedByEvent[];
}

interface Listening {
  readonly workflow: TriggeredWorkflow;
  readonly trigger: EventTrigger;
}

/** Who listens to what, read again when something was deployed. */
export function createListeners(
  store: Pick<TriggerStore, "triggered" | "triggersRevision">,
  read: ReadTriggers,
  warn: (message: string) => void,
) {
  let revision = -1;
  let listeners: ReadonlyMap<string, readonly Listening[]> = new Map();
  return (tenant: TenantId, event: string): readonly Listening[] => {
    const current = store.triggersRevision();
    if (current !== revision) {
      listeners = Map.groupBy(listeningOf(store.triggered(), read, warn), (one) =>
        JSON.stringify([one.workflow.tenant, one.trigger.event]),
      );
      revision = current;
    }
    return listeners.get(JSON.stringify([tenant, event])) ?? [];
  };
}

function listeningOf(workflows: readonly TriggeredWorkflow[], read: ReadTriggers, warn: (message: string) => void): readonly Listening[] {
  return workflows.flatMap((workflow) => {
    try {
      return read(workflow.on).events.map((trigger) => ({ workflow, trigger }));
    } catch (thrown) {
      warn(`The triggers of the workflow ${workflow.name} of tenant ${workflow.tenant} cannot be read: ${toError(thrown).message}`);
      return [];
    }
  });
}

export function planEvent({ name, id, body, headers }: Omit<IncomingEvent, "tenant">, listening: readonly Listening[]): EventPlan {
  const scope = scopeOf({ event: { name, id, body, headers } });
  const starts: PlannedStart[] = [];
  const unmatched: UnmatchedByEvent[] = [];
  const failed: FailedByEvent[] = [];
  for (const { workflow, trigger } of listening) {
    const who = { workflow: workflow.name, trigger: trigger.number };
    const trace = trigger.when === null ? null : traceCondition(trigger.when.expression, scope);
    if (trace !== null && trace.value !== true) {
      const because = trace.error ?? `\`${trigger.when?.source ?? ""}\` is false.`;
      unmatched.push({ ...who, because, condition: trace as Trace & JsonObject }); // A trace holds nothing but JSON.
      continue;
    }
    try {
      const input = trigger.input === null ? null : { value: evaluateField(trigger.input, scope) };
      starts.push({ ...who, version: workflow.version, input });
    } catch (thrown) {
      failed.push({ ...who, ...toProblem(thrown) });
    }
  }
  return { id, starts, unmatched, failed };
}

export function toProblem(thrown: unknown): Pick<FailedByEvent, "code" | "problem"> {
  const error = toError(thrown);
  return {
    code: isTroupeError(error) ? error.code : "INV_UNCAUGHT",
    problem: isTroupeError(error) ? error.message : "It could not be started.",
  };
}
