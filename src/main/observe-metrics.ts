/** Metrics for a command that runs an engine: on a port, in a file, or both. */
import type { Observation, ObservationOptions } from "./observation-shape.ts";

export function observeMetrics({ store, metricsPort, metricsFile, warn, note }: ObservationOptions): Promise<Observation> | null {
  if (metricsPort === undefined && metricsFile === undefined) return null;
  const open = async (): Promise<Observation> => {
    const { openMetrics } = await import("../../observability/metrics/open-metrics.ts");
    return openMetrics({ reader: store, port: metricsPort, file: metricsFile, warn, note });
  };
  return open();
}
