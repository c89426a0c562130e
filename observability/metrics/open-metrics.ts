/** Metrics of the engine in this process: the observer that feeds them, and the ways out: a port, a file, or text for whoever asks. */
import { performance } from "node:perf_hooks";
import { ANOMALY_KINDS, type AnomalyListener } from "../../src/ports/anomaly.ts";
import type { EngineMeter } from "../../src/ports/engine-meter.ts";
import type { Observer } from "../../src/ports/observer.ts";
import type { StoreReader } from "../../src/ports/store.ts";
import type { StreamCounts } from "../../src/ports/stream-counts.ts";
import { createToolLabel, EngineReadings } from "./engine-readings.ts";
import { EntryRecorder } from "./entry-recorder.ts";
import { createExposition, type Exposition } from "./exposition.ts";
import { openMetricsFile } from "./metrics-file.ts";
import { openMetricsServer } from "./metrics-server.ts";
import { createProcessReadings } from "./process-readings.ts";
import { createTallies } from "./tallies.ts";

export type MetricsReader = Pick<StoreReader, "census" | "run" | "steps" | "entries">;

export interface Metrics extends Exposition {
  readonly observer: Observer;
  readonly anomalies: AnomalyListener;
  /** Where to ask for the clients of the API in this process. */
  watchClients(counts: () => StreamCounts): void;
  /** So many times at which schedules were due came to this end; zero makes the series known. */
  slotsSettled(outcome: string, count: number): void;
}

/** @param reader the store of the engine, for gauges and for what began before this process; null leaves them out. */
export function createMetrics(reader: MetricsReader | null, now: () => number = Date.now): Metrics {
  const tallies = createTallies();
  const elapsedMs = (): number => performance.now();
  const toolLabel = createToolLabel();
  const recorder = new EntryRecorder({ tallies, reader, toolLabel, now });
  const engine = new EngineReadings({ tallies, toolLabel, reader, elapsedMs });
  const own = createProcessReadings(tallies);
  const { counters, histograms } = tallies;
  const commitSeconds = histograms.journalCommit.at();
  const batchSize = histograms.journalBatch.at();
  const meter: EngineMeter = {
    opened: (state) => engine.attach(state),
    committed(durationMs, entries) {
      commitSeconds.observe(durationMs / 1_000);
      batchSize.observe(entries);
    },
    breakerChanged: (target, state) => {
      counters.breakerEvents.at(toolLabel(target), state).value += 1;
    },
    notified(channel, outcome, count) {
      counters.notifications.at(channel, outcome).value += count;
    },
  };
  for (const kind of ANOMALY_KINDS) counters.anomalies.at(kind);
  const anomalies: AnomalyListener = (_run, { kind }) => {
    counters.anomalies.at(kind).value += 1;
  };
  let clients: (() => StreamCounts) | null = null;
  const { text } = createExposition({
    tallies,
    refresh() {
      if (clients !== null) {
        const { sse, websocket } = clients();
        tallies.gauges.set("sseClients", [{ labels: {}, value: sse }]);
        tallies.gauges.set("websocketClients", [{ labels: {}, value: websocket }]);
      }
      engine.refresh();
      own.refresh();
    },
  });
  return {
    observer: { name: "metrics", committed: (batch) => recorder.record(batch), meter },
    anomalies,
    text,
    watchClients: (counts) => {
      clients = counts;
    },
    slotsSettled: (outcome, count) => {
      counters.scheduleSlots.at(outcome).value += count;
    },
  };
}

export interface OpenMetricsOptions {
  readonly reader: MetricsReader;
  readonly port?: number | undefined;
  /** Absolute path. */
  readonly file?: string | undefined;
  readonly warn: (message: string) => void;
  /** Hears the address. */
  readonly note: (message: string) => void;
}

export interface OpenMetrics extends AsyncDisposable {
  readonly observers: readonly Observer[];
  readonly anomalies: AnomalyListener;
  readonly metrics: Metrics;
}

/** @throws RequestError METRICS_PORT_UNUSABLE, FILE_UNWRITABLE */
export async function openMetrics({ reader, port, file, warn, note }: OpenMetricsOptions): Promise<OpenMetrics> {
  const metrics = createMetrics(reader);
  const { observer, anomalies, text } = metrics;
  await using stack = new AsyncDisposableStack();
  if (port !== undefined) {
    const server = stack.use(await openMetricsServer({ port, text, elapsedMs: () => performance.now() }));
    note(`Metrics: http://127.0.0.1:${server.port}/metrics`);
  }
  if (file !== undefined) stack.use(await openMetricsFile({ file, text: () => text("prometheus", ["process"]), warn }));
  const kept = stack.move();
  return { observers: [observer], anomalies, metrics, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
