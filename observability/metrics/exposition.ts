/**
 * The tallies as text, by prom-client.
 *
 * E1 A registry for each format: when prom-client writes OpenMetrics it takes `_total` off the names of the counters it holds, for good.
 * E2 Trace ids of exemplars are computed here, for the few that are shown, and only for the format that shows them.
 */
import {
  Counter,
  type CounterConfiguration,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  type OpenMetricsContentType,
  Registry,
} from "prom-client";
import { type MetricDeclaration, type MetricSource, metricList } from "../metrics.ts";
import { runSpanId, stepSpanId, traceIdOf } from "../spans-ids.ts";
import type { CounterCell, Exemplar, HistogramCell, Labels } from "./series.ts";
import { type CounterKey, type HistogramKey, isGauge, type Reading, type Tallies } from "./tallies.ts";

/** `prometheus` is the text format 0.0.4; only `openmetrics` has exemplars. */
export type ExpositionFormat = "prometheus" | "openmetrics";

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  prometheus: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
};

export interface ExpositionOptions {
  readonly tallies: Tallies;
  /** Brings the gauges up to date, before every text. */
  readonly refresh: () => void;
}

export interface Exposition {
  /** @param without sources whose metrics are left out */
  text(format: ExpositionFormat, without?: readonly MetricSource[]): Promise<string>;
}

type AnyRegistry = Registry | Registry<OpenMetricsContentType>;

export function createExposition({ tallies, refresh }: ExpositionOptions): Exposition {
  const registries = new Map<string, AnyRegistry>();
  return {
    text(format, without = []) {
      const key = [format, ...without].join(" ");
      let registry = registries.get(key);
      if (registry === undefined) {
        registry = createRegistry(tallies, format, without);
        registries.set(key, registry);
      }
      refresh();
      return registry.metrics();
    },
  };
}

function createRegistry(tallies: Tallies, format: ExpositionFormat, without: readonly MetricSource[]): AnyRegistry {
  const registry = format === "openmetrics" ? openMetricsRegistry() : new Registry();
  for (const [key, declaration] of metricList) {
    if (without.includes(declaration.source)) continue;
    const { name, help, labels, type } = declaration;
    const configuration = { name, help, labelNames: Object.keys(labels), registers: [registry] };
    if (isGauge(key)) new FedGauge(configuration, () => tallies.gauges.get(key) ?? []);
    // What the table calls a counter or a histogram has tallies of that kind, by construction.
    else if (type === "counter") new FedCounter(configuration, () => tallies.counters[key as CounterKey].cells());
    else {
      const cells = (): readonly HistogramCell[] => tallies.histograms[key as HistogramKey].cells();
      new FedHistogram({ ...configuration, buckets: bucketsOf(declaration) }, cells, format === "openmetrics");
    }
  }
  return registry;
}

function openMetricsRegistry(): Registry<OpenMetricsContentType> {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

function bucketsOf({ buckets = [] }: MetricDeclaration): number[] {
  return [...buckets];
}

class FedCounter extends Counter<string> {
  readonly #cells: () => readonly CounterCell[];

  constructor(configuration: CounterConfiguration<string>, cells: () => readonly CounterCell[]) {
    super(configuration);
    this.#cells = cells;
  }

  override async get() {
    return { ...(await super.get()), values: this.#cells().map(({ labels, value }) => ({ labels: { ...labels }, value })) };
  }
}

class FedGauge extends Gauge<string> {
  readonly #readings: () => readonly Reading[];

  constructor(configuration: GaugeConfiguration<string>, readings: () => readonly Reading[]) {
    super(configuration);
    this.#readings = readings;
  }

  override async get() {
    return { ...(await super.get()), values: this.#readings().map(({ labels, value }) => ({ labels: { ...labels }, value })) };
  }
}

class FedHistogram extends Histogram<string> {
  readonly #declaration: Pick<HistogramConfiguration<string>, "name" | "help">;
  readonly #cells: () => readonly HistogramCell[];
  readonly #hasExemplars: boolean;

  constructor(configuration: HistogramConfiguration<string>, cells: () => readonly HistogramCell[], hasExemplars: boolean) {
    super(configuration);
    this.#declaration = configuration;
    this.#cells = cells;
    this.#hasExemplars = hasExemplars;
  }

  /** What the registry and the inherited `get` ask, though the declarations of prom-client do not mention it. */
  async getForPromString() {
    const { name, help } = this.#declaration;
    return { name, help, type: "histogram", values: this.#cells().flatMap((cell) => linesOf(name, cell, this.#hasExemplars)) };
  }
}

/** A line of a histogram, in the shape that the registry writes. */
interface HistogramLine {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly sharedLabels: Labels;
  readonly value: number;
  readonly exemplar?: { readonly labelSet: Labels; readonly value: number; readonly timestamp: number };
}

function linesOf(name: string, cell: HistogramCell, hasExemplars: boolean): HistogramLine[] {
  const { labels: sharedLabels, bounds, counts, sum, count } = cell;
  let cumulative = 0;
  const lines = counts.map((inBucket, index): HistogramLine => {
    cumulative += inBucket;
    const exemplar = hasExemplars ? cell.readExemplar(index) : null;
    return {
      metricName: `${name}_bucket`,
      labels: { le: bounds[index] ?? "+Inf" },
      sharedLabels,
      value: cumulative,
      ...(exemplar !== null && { exemplar: toExemplar(exemplar) }),
    };
  });
  lines.push(
    { metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum },
    { metricName: `${name}_count`, labels: {}, sharedLabels, value: count },
  );
  return lines;
}

/** E2. Both ids are hexadecimal, so no name from data gets into an exemplar. */
function toExemplar(exemplar: Exemplar): NonNullable<HistogramLine["exemplar"]> {
  const { step, value, atMs } = exemplar;
  const spanId = step === null ? runSpanId(exemplar) : stepSpanId(exemplar, step);
  return { labelSet: { trace_id: traceIdOf(exemplar), span_id: spanId }, value, timestamp: atMs / 1_000 };
}
