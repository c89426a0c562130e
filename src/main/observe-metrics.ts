/** Metrics for a command that runs an engine: on a port, in a file, for whoever asks in this process, or all of them. */
import type { Observation, ObservationOptions } from "./observation-shape.ts";

export function observeMetrics({
  store,
  metrics = false,
  metricsPort,
  metricsFile,
  warn,
  note,
}: ObservationOptions): Promise<Observation> | null {
  if (!metrics && metricsPort === undefined && metricsFile === undefined) return null;
  const open = async (): Promise<Observation> => {
    const { openMetrics } = await import("../../observability/metrics/open-metrics.ts");
    return openMetrics({ reader: store, port: metricsPort, file: metricsFile, warn, note });
  };
  return open();
}
