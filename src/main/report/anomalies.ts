/** Finds a run's anomalies from the store: the same as an engine told its listeners while the run went on (ADR-0012). */
import { readHistory } from "../../../observability/anomaly-history.ts";
import { createRunWatch } from "../../../observability/anomaly-watch.ts";
import { entriesOf } from "../../../observability/run-entries.ts";
import type { EventView } from "../../contract/event-view.ts";
import type { RunId } from "../../core/ids.ts";
import type { JsonObject } from "../../core/json.ts";
import type { JournalEntry } from "../../kernel/entry.ts";
import type { Anomaly } from "../../ports/anomaly.ts";
import type { RunRow, RunSample, StoreReader } from "../../ports/store.ts";

/** Runs that had ended when this one was created, newest first. */
export function historyOf(
  store: Pick<StoreReader, "samples">,
  { id, tenant, workflow, createdAt, stepsTotal }: RunRow,
): readonly RunSample[] {
  return readHistory(store, { tenant, workflow, runId: id, createdAt, steps: stepsTotal });
}

export function findAnomalies(history: readonly RunSample[], entries: Iterable<JournalEntry>): readonly Anomaly[] {
  const watch = createRunWatch(history);
  const found: Anomaly[] = [];
  for (const entry of entries) found.push(...watch.see(entry));
  return found;
}

/** @param untilSeq what was known after this entry of the journal; the last one if it is not given */
export function anomaliesOf(store: StoreReader, runId: RunId, untilSeq?: number): readonly Anomaly[] {
  const row = store.run(runId);
  return row === null ? [] : findAnomalies(historyOf(store, row), entriesOf(store, runId, untilSeq));
}

/**
 * The same events, and after each that tells of something unusual an `anomaly.detected`. It is no entry of its own and has the `seq` of that
 * event: whoever goes on after a `seq` hears none twice.
 */
export async function* withAnomalies(
  store: StoreReader,
  runId: RunId,
  afterSeq: number,
  events: AsyncIterable<EventView>,
): AsyncGenerator<EventView> {
  const row = store.run(runId);
  const watch = createRunWatch(row === null ? [] : historyOf(store, row));
  for (const entry of entriesOf(store, runId, afterSeq)) watch.see(entry);
  for await (const event of events) {
    yield event;
    const { seq, type, data, stepId } = event;
    for (const anomaly of watch.see({ seq, at: Date.parse(event.at), actor: stepId ?? "run", type, data })) yield toEvent(event, anomaly);
  }
}

function toEvent({ seq, at, tenant, runId, stepId, itemKey, traceId, spanId }: EventView, anomaly: Anomaly): EventView {
  return {
    seq,
    id: `${runId}:${seq}:anomaly.${anomaly.kind}`,
    type: "anomaly.detected",
    at,
    tenant,
    runId,
    ...(stepId !== undefined && { stepId }),
    ...(itemKey !== undefined && { itemKey }),
    attempt: anomaly.attempt,
    data: anomaly as unknown as JsonObject, // It holds nothing but JSON.
    traceId,
    spanId,
  };
}
