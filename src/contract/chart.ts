import type { Chart } from "../core/chart.ts";

export type { Chart, ChartAnswer, ChartState } from "../core/chart.ts";

export interface Statecharts {
  readonly run: Chart;
  readonly step: Chart;
}
