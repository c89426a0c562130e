/** What the parts that watch runs are given, and what they give back. */
import type { LogLevel } from "../../observability/engine-log.ts";
import type { Metrics } from "../../observability/metrics/open-metrics.ts";
import type { AnomalyListener } from "../ports/anomaly.ts";
import type { Observer } from "../ports/observer.ts";
import type { StoreReader } from "../ports/store.ts";

export interface ObservationOptions {
  readonly store: StoreReader;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Hears what does not work; the run goes on all the same. */
  readonly warn: (message: string) => void;
  /** Hears what somebody who asked for a part wants to know, such as an address. */
  readonly note: (message: string) => void;
  /** Keeps metrics for whoever asks in this process. @defaultValue false */
  readonly metrics?: boolean;
  /** Port of the metrics on the loopback address; 0 for any. */
  readonly metricsPort?: number;
  /** Absolute path of a file that gets the metrics. */
  readonly metricsFile?: string;
  readonly inspect?: boolean;
  /** Port of the inspector on the loopback address. @defaultValue any */
  readonly inspectPort?: number;
  /** Absolute path of a file that gets one JSON line for each transition and warning. */
  readonly logFile?: string;
  /** @defaultValue info */
  readonly logLevel?: LogLevel;
}

/** Observers, and the resources behind them. Disposing of it passes on what they still hold; it ends within seconds. */
export interface Observation extends AsyncDisposable {
  readonly observers: readonly Observer[];
  /** Hears of a result that is far from usual before the observers see the entry that it is about. */
  readonly anomalies?: AnomalyListener;
  /** What is counted, where somebody asked for that. */
  readonly metrics?: Metrics;
  /** Takes a warning of the engine, which is shown to a person anyway. */
  readonly heard?: (warning: string) => void;
}

/** One of them; null when nobody asked for it. */
export type OpenPart = (options: ObservationOptions) => Promise<Observation> | null;
