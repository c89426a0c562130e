/** What a board shows, as data; `build-board.ts` makes Grafana's JSON of it. */
import { METRICS, type MetricKey } from "../../observability/metrics.ts";

export interface Query {
  readonly expr: string;
  readonly legend: string;
  /** Shows the traces behind the buckets. */
  readonly hasExemplars?: boolean;
}

export interface PromPanel {
  readonly kind: "graph" | "stat" | "bars";
  readonly title: string;
  readonly description: string;
  /** A unit of Grafana, such as `s`, `short`, `percentunit`, `bytes`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Of the 24 columns of a board. */
  readonly width: number;
  /** From this value on it is shown in red. */
  readonly alarmFrom?: number;
}

/** Traces that Jaeger finds for the run that is typed in. */
export interface TracesPanel {
  readonly kind: "traces";
  readonly title: string;
  readonly description: string;
  readonly width: number;
}

export interface TextPanel {
  readonly kind: "text";
  readonly title: string;
  readonly markdown: string;
  readonly width: number;
}

export type Panel = PromPanel | TracesPanel | TextPanel;

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
  /** Lets one choose workflows, and type in a run. */
  readonly hasRun?: true;
}

/** The name of a metric, or of one part of a histogram. */
export function nameOf(key: MetricKey, part = ""): string {
  return METRICS[key].name + part;
}

/** Per second, over a window that fits the board's resolution. */
export function rate(key: MetricKey, selector = "", by: readonly string[] = []): string {
  return `sum${byClause(by)} (rate(${nameOf(key)}${selector}[$__rate_interval]))`;
}

/** How many there were in the time that the board shows. */
export function increase(key: MetricKey, selector = "", by: readonly string[] = []): string {
  return `sum${byClause(by)} (increase(${nameOf(key)}${selector}[$__range]))`;
}

export function quantiles(key: MetricKey, points: readonly number[], selector = "", hasExemplars = false): readonly Query[] {
  return points.map((point) => ({
    expr: `histogram_quantile(${point}, ${bucketRate(key, selector, [])})`,
    legend: `p${point * 100}`,
    ...(hasExemplars && { hasExemplars }),
  }));
}

export function quantileBy(key: MetricKey, point: number, label: string, selector = ""): Query {
  return { expr: `histogram_quantile(${point}, ${bucketRate(key, selector, [label])})`, legend: `{{${label}}}` };
}

function bucketRate(key: MetricKey, selector: string, by: readonly string[]): string {
  return `sum by (${["le", ...by].join(", ")}) (rate(${nameOf(key, "_bucket")}${selector}[$__rate_interval]))`;
}

function byClause(labels: readonly string[]): string {
  return labels.length === 0 ? "" : ` by (${labels.join(", ")})`;
}
