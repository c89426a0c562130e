/** The sums behind the table of metrics: a series set for each counter and histogram, and the latest reading of each gauge. */
import { METRICS, type MetricKey, metricList } from "../metrics.ts";
import { CounterCell, HistogramCell, type Labels, Series } from "./series.ts";

type KeyOf<TType> = { [TKey in MetricKey]: (typeof METRICS)[TKey]["type"] extends TType ? TKey : never }[MetricKey];
export type CounterKey = KeyOf<"counter">;
export type HistogramKey = KeyOf<"histogram">;
export type GaugeKey = KeyOf<"gauge">;

export interface Reading {
  readonly labels: Labels;
  readonly value: number;
}

export interface Tallies {
  readonly counters: Readonly<Record<CounterKey, Series<CounterCell>>>;
  readonly histograms: Readonly<Record<HistogramKey, Series<HistogramCell>>>;
  /** Replaced as a whole when somebody asks. */
  readonly gauges: Map<GaugeKey, readonly Reading[]>;
}

export function createTallies(): Tallies {
  const counters: Partial<Record<MetricKey, Series<CounterCell>>> = {};
  const histograms: Partial<Record<MetricKey, Series<HistogramCell>>> = {};
  for (const [key, { type, labels, buckets = [] }] of metricList) {
    if (type === "counter") counters[key] = new Series(labels, (values) => new CounterCell(values));
    if (type === "histogram") histograms[key] = new Series(labels, (values) => new HistogramCell(values, buckets));
  }
  // The loop has filled in every key of its type.
  return { counters: counters as Tallies["counters"], histograms: histograms as Tallies["histograms"], gauges: new Map() };
}

export function isGauge(key: MetricKey): key is GaugeKey {
  return METRICS[key].type === "gauge";
}
