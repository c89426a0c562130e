/** Results far from what is usual for their step: derived from committed entries and from nothing else (ADR-0012). */
import type { RunId, StepId } from "../core/ids.ts";
import type { ObservedRun } from "./observer.ts";

/** The figures of a step that are watched; also the label `kind` of `troupe_anomalies_total`. */
export const ANOMALY_KINDS = ["duration", "cost", "retries", "output_size"] as const;
export type AnomalyKind = (typeof ANOMALY_KINDS)[number];

/** What was usual when the run began. Values have the unit of their kind. */
export interface AnomalyBaseline {
  readonly median: number;
  /** Nothing between these two is told. */
  readonly low: number;
  readonly high: number;
  /** Earlier runs that it was computed from. */
  readonly samples: number;
}

export interface Anomaly {
  readonly kind: AnomalyKind;
  readonly unit: "ms" | "usd" | "retries" | "bytes";
  readonly step: StepId;
  /** The attempt that succeeded. */
  readonly attempt: number;
  /** The entry that it is about, and when that was: together with step and kind its identity. */
  readonly seq: number;
  readonly at: number;
  readonly observed: number;
  readonly direction: "above" | "below";
  /** Modified z-score: how many robust standard deviations from the median, on a logarithmic scale. */
  readonly score: number;
  readonly baseline: AnomalyBaseline;
  /** The earlier run whose value was the most ordinary. */
  readonly compareWith: RunId;
}

/** Hears of an anomaly after the entry that it is about has been committed, and once for each process that watches. */
export type AnomalyListener = (run: ObservedRun, anomaly: Anomaly) => void;
