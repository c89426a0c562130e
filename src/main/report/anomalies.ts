/** Finds a run's anomalies from the store: the same as an engine told its listeners while the run went on (ADR-0012). */
import { readHistory } from "../../../observability/anomaly-history.ts";
import { createRunWatch } from "../../../observability/anomaly-watch.ts";
import { entriesOf } from "../../../observability/run-entries.ts";
import { derivedEvent, derivedEvents } from "../../contract/derived-events.ts";
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
 * The same events, and after each what follows from it: what its attempt's cache, gate and merge said, and an `anomaly.detected` where it
 * tells of something unusual. These are no entries of their own and have the `seq` of that event: whoever goes on after a `seq` hears none twice.
 */
export async function* withDerived(
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
    yield* derivedEvents(event);
    const { seq, type, data, stepId } = event;
    for (const anomaly of watch.see({ seq, at: Date.parse(event.at), actor: stepId ?? "run", type, data })) yield toEvent(event, anomaly);
  }
}

function toEvent(event: EventView, anomaly: Anomaly): EventView {
  const data = anomaly as unknown as JsonObject; // It holds nothing but JSON.
  return derivedEvent({ ...event, attempt: anomaly.attempt }, "anomaly.detected", data, `anomaly.${anomaly.kind}`);
}
