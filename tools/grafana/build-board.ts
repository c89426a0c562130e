/** Makes Grafana's JSON of a board. */
import { GraphDrawStyle, StackingConfigBuilder, StackingMode, VizLegendOptionsBuilder } from "@grafana/grafana-foundation-sdk/common";
import {
  type PanelBuilder as AnyPanelBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  PanelBuilder,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TextBuilder, TextMode } from "@grafana/grafana-foundation-sdk/text";
import { PanelBuilder as GraphBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { METRICS } from "../../observability/metrics.ts";
import { ATTR } from "../../observability/semconv.ts";
import type { Board, Panel, PromPanel, Query } from "./board.ts";

/** Names that `observability/grafana/provisioning/datasources` gives them. */
const PROMETHEUS = { type: "prometheus", uid: "prometheus" };
const JAEGER = { type: "jaeger", uid: "jaeger" };

/** Where `docker-compose.yml` puts Jaeger, as the browser sees it. */
const JAEGER_URL = "http://localhost:16686";
const TAG = "troupe";
const STAT_HEIGHT = 5;
const PANEL_HEIGHT = 8;

export function buildBoard(board: Board): Dashboard {
  const builder = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.description)
    .tags([TAG])
    .refresh("10s")
    .time({ from: "now-30m", to: "now" })
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .link(new DashboardLinkBuilder("Troupe").type(DashboardLinkType.Dashboards).tags([TAG]).keepTime(true));
  if (board.hasRun) addRun(builder);
  let id = 1;
  for (const { title, panels } of board.rows) {
    builder.withRow(new RowBuilder(title).id(id++));
    for (const panel of panels) builder.withPanel(buildPanel(panel).id(id++));
  }
  return builder.build();
}

function addRun(builder: DashboardBuilder): void {
  const names = `label_values(${METRICS.runs.name}, workflow)`;
  const tags = JSON.stringify({ [ATTR.pipelineRunId]: "$run" });
  builder
    .withVariable(new TextBoxVariableBuilder("run").label("Run").description("A run's id, as `troupe list` shows it.").defaultValue(""))
    .withVariable(
      new QueryVariableBuilder("workflow")
        .label("Workflow")
        .datasource(PROMETHEUS)
        .query({ query: names, refId: "workflows" })
        .definition(names)
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .sort(VariableSort.AlphabeticalAsc)
        .multi(true)
        .includeAll(true)
        .allValue(".*"),
    )
    .link(
      new DashboardLinkBuilder("Waterfall")
        .type(DashboardLinkType.Link)
        .url(`${JAEGER_URL}/search?service=troupe&lookback=2d&limit=20&tags=${encodeURIComponent(tags).replace("%24run", "$run")}`)
        .tooltip("The trace of the run in Jaeger")
        .targetBlank(true),
    );
}

type AnyBuilder = AnyPanelBuilder | StatBuilder | TextBuilder | GraphBuilder;

function buildPanel(panel: Panel): AnyBuilder {
  switch (panel.kind) {
    case "text":
      return new TextBuilder().title(panel.title).mode(TextMode.Markdown).content(panel.markdown).span(panel.width).height(PANEL_HEIGHT);
    case "traces":
      return new PanelBuilder()
        .type("table")
        .title(panel.title)
        .description(panel.description)
        .datasource(JAEGER)
        .targets([{ build: () => traceSearch }])
        .span(panel.width)
        .height(PANEL_HEIGHT);
    case "stat":
      return new StatBuilder()
        .title(panel.title)
        .description(panel.description)
        .datasource(PROMETHEUS)
        .unit(panel.unit)
        .noValue("–")
        .thresholds(thresholds(panel))
        .targets(panel.queries.map((query, index) => target(query, index).instant()))
        .span(panel.width)
        .height(STAT_HEIGHT);
    case "graph":
    case "bars":
      return buildGraph(panel);
  }
}

function buildGraph(panel: PromPanel): GraphBuilder {
  const graph = new GraphBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(PROMETHEUS)
    .unit(panel.unit)
    .min(0)
    .legend(new VizLegendOptionsBuilder().showLegend(true))
    .thresholds(thresholds(panel))
    .targets(panel.queries.map((query, index) => target(query, index).range()))
    .span(panel.width)
    .height(PANEL_HEIGHT);
  if (panel.kind === "graph") return graph.fillOpacity(8);
  return graph.drawStyle(GraphDrawStyle.Bars).fillOpacity(80).stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
}

function thresholds({ alarmFrom }: PromPanel): ThresholdsConfigBuilder {
  const steps = [{ value: null, color: "green" }, ...(alarmFrom === undefined ? [] : [{ value: alarmFrom, color: "red" }])];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

function target({ expr, legend, hasExemplars = false }: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId(String.fromCharCode(65 + index))
    .expr(expr)
    .legendFormat(legend)
    .exemplar(hasExemplars);
}

/** The kit knows no queries of Jaeger; this is what its plug-in stores. */
const traceSearch = {
  refId: "A",
  datasource: JAEGER,
  queryType: "search",
  service: "troupe",
  tags: `${ATTR.pipelineRunId}=$run`,
  limit: 20,
  _implementsDataqueryVariant: () => {},
};
