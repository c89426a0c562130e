/**
 * What watches runs while they go on: traces, metrics, the inspector. Each part is imported only when it is asked for, so that a command
 * that nobody watches starts as fast as ever; none of them can delay or fail a run (I-38).
 */
import type { Observer } from "../ports/observer.ts";
import type { Observation, ObservationOptions, OpenPart } from "./observation-shape.ts";
import { observeInspector } from "./observe-inspector.ts";
import { observeLog } from "./observe-log.ts";
import { observeMetrics } from "./observe-metrics.ts";
import { observeTracing } from "./observe-tracing.ts";

const PARTS: readonly OpenPart[] = [observeTracing, observeMetrics, observeInspector, observeLog];

/** @throws what a part throws that was asked for and cannot be opened, such as a port that is taken */
export async function openObservation(options: ObservationOptions): Promise<Observation> {
  const opening = PARTS.map((open) => open(options)).filter((part) => part !== null);
  const settled = await Promise.allSettled(opening);
  const stack = new AsyncDisposableStack();
  const parts = settled.flatMap((part) => (part.status === "fulfilled" ? [stack.use(part.value)] : []));
  const refused = settled.find((part) => part.status === "rejected");
  if (refused !== undefined) {
    await stack.disposeAsync();
    throw refused.reason;
  }
  const metrics = parts.find((part) => part.metrics !== undefined)?.metrics;
  const watching = await watchForAnomalies(options, parts);
  return {
    observers: [...watching, ...parts.flatMap(({ observers }) => observers)],
    ...(metrics !== undefined && { metrics }),
    heard: (warning) => {
      for (const part of parts) part.heard?.(warning);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Nobody looks for anomalies that nobody hears of: `troupe show` finds the same in the journal (ADR-0012). */
async function watchForAnomalies({ store }: ObservationOptions, parts: readonly Observation[]): Promise<readonly Observer[]> {
  const listeners = parts.flatMap(({ anomalies }) => anomalies ?? []);
  if (listeners.length === 0) return [];
  const { createAnomalyObserver } = await import("../../observability/anomaly.ts");
  return [createAnomalyObserver(store, listeners)];
}
