/** What was far from usual, for people. */
import type { EventView } from "../../contract/event-view.ts";
import type { AnomalyView } from "../../contract/run-report.ts";
import { formatDuration } from "../../core/duration.ts";
import { toLine } from "./line.ts";
import type { Look } from "./look.ts";
import { usdText } from "./report-text.ts";
import { shortRunId } from "./run-id.ts";
import { padEnd, padStart, plural } from "./text.ts";

const SAYS: Readonly<Record<AnomalyView["kind"], (value: string) => string>> = {
  duration: (value) => `took ${value}`,
  cost: (value) => `cost ${value}`,
  retries: (value) => `needed ${value}`,
  output_size: (value) => `gave ${value}`,
};

function anomalyText({ kind, observed, baseline: { median, low, high, samples } }: AnomalyView): string {
  const show = (value: number): string => valueText(kind, value);
  const usual = `usual is ${show(median)} (${show(low)} to ${show(high)}, ${plural(samples, "run")})`;
  return `${SAYS[kind](show(observed))}; ${usual}`;
}

/** An `anomaly.detected` among the lines of `troupe events`. */
export function anomalyLine({ seq, at, type, stepId = "", data }: EventView, look: Look): string {
  const anomaly = data as unknown as AnomalyView; // The data of this event.
  return toLine(
    [
      ["gray", `${padStart(String(seq), 5)}  ${at.slice(11, 23)}  `],
      ["yellow", padEnd(type, 18)],
      ` ${padEnd(stepId, 16)} ${anomalyText(anomaly)}`,
    ],
    look,
  );
}

/** Nothing where nothing is unusual. */
export function renderAnomalies(runId: string, anomalies: readonly AnomalyView[], look: Look): string[] {
  const [first] = anomalies;
  if (first === undefined) return [];
  return [
    "",
    ...anomalies.map((anomaly) => toLine([["yellow", "unusual "], ["bold", anomaly.step], ` ${anomalyText(anomaly)}`], look)),
    toLine(
      [
        ["cyan", `troupe metrics compare ${shortRunId(first.compareWith)} ${shortRunId(runId)}`],
        ["gray", "  beside an ordinary run"],
      ],
      look,
    ),
  ];
}

function valueText(kind: AnomalyView["kind"], value: number): string {
  switch (kind) {
    case "duration":
      return formatDuration(value);
    case "cost":
      return usdText(value);
    case "retries":
      return value === 1 ? "1 retry" : `${value} retries`;
    case "output_size":
      return bytesText(value);
  }
}

export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  const kib = bytes / 1_024;
  return kib < 1_024 ? `${kib.toFixed(1)} KiB` : `${(kib / 1_024).toFixed(1)} MiB`;
}
