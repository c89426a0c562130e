/**
 * Events that no entry of the journal is, since they move no actor: what the end of an attempt tells of its cache, its gate and its merge.
 * They are made from that entry wherever they are shown, and have its `seq`.
 */
import { isJsonObject, type JsonObject } from "../core/json.ts";
import type { EventView } from "./event-view.ts";

export const DERIVED_EVENT_TYPES = [
  "step.cached",
  "gate.passed",
  "gate.failed",
  "merge.merged",
  "merge.conflict",
  "anomaly.detected",
] as const;
export type DerivedEventType = (typeof DERIVED_EVENT_TYPES)[number];

/** In the order in which an attempt goes through them. */
export function derivedEvents(event: EventView): readonly EventView[] {
  const { usage } = event.data;
  if (event.stepId === undefined || !isJsonObject(usage)) return [];
  const { cache, gate, merge } = usage;
  const found: EventView[] = [];
  if (isJsonObject(cache) && cache.hit === true) found.push(derivedEvent(event, "step.cached", cache));
  if (isJsonObject(gate)) found.push(derivedEvent(event, gate.ok === true ? "gate.passed" : "gate.failed", gate));
  const type = isJsonObject(merge) ? mergeTypeOf(merge) : null;
  if (isJsonObject(merge) && type !== null) found.push(derivedEvent(event, type, merge));
  return found;
}

/** Null for a branch that was left alone. */
function mergeTypeOf({ merged, conflicts }: JsonObject): "merge.merged" | "merge.conflict" | null {
  if (merged === true) return "merge.merged";
  return typeof conflicts === "number" && conflicts > 0 ? "merge.conflict" : null;
}

/** @param kind tells apart those of one type */
export function derivedEvent(
  { seq, at, tenant, runId, stepId, itemKey, attempt, traceId, spanId }: EventView,
  type: DerivedEventType,
  data: JsonObject,
  kind: string = type,
): EventView {
  return {
    seq,
    id: `${runId}:${seq}:${kind}`,
    type,
    at,
    tenant,
    runId,
    ...(stepId !== undefined && { stepId }),
    ...(itemKey !== undefined && { itemKey }),
    ...(attempt !== undefined && { attempt }),
    data,
    traceId,
    spanId,
  };
}
