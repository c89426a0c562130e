import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { TYPES_MAX, WORKFLOWS_MAX } from "../../observability/metrics/definition-series.ts";
import { TOOLS_MAX } from "../../observability/metrics/engine-readings.ts";
import { TENANTS_MAX } from "../../observability/metrics/entry-recorder.ts";
import { METRICS, type MetricDeclaration, metricList, seriesNames } from "../../observability/metrics.ts";
import { readQuery } from "../support/promql.ts";

interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr?: string; readonly refId: string }[];
  readonly gridPos: { readonly x: number; readonly w: number };
}

interface BoardJson {
  readonly uid: string;
  readonly panels: readonly PanelJson[];
  readonly templating?: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

interface RuleJson {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const files = globSync("observability/grafana/dashboards/*.json").sort();
const boards = files.map((file) => JSON.parse(readFileSync(file, "utf8")) as BoardJson);
const read = (file: string) => parse(readFileSync(file, "utf8"));
const rules: readonly RuleJson[] = read("observability/prometheus/rules.yml").groups.flatMap(({ rules }: { rules: RuleJson[] }) => rules);

const bySeries = new Map<string, MetricDeclaration>(
  metricList.flatMap(([, declaration]) => seriesNames(declaration).map((name) => [name, declaration] as const)),
);
/** Those that Prometheus adds, and the one of a histogram's buckets. */
const ADDED = ["job", "instance"];

function problemsOf(expression: string): string[] {
  const { selections, grouping } = readQuery(expression);
  const known = new Set([...ADDED, ...selections.flatMap(({ series }) => labelsOf(series))]);
  return [
    ...(selections.length === 0 ? ["no series"] : []),
    ...selections.filter(({ series }) => !bySeries.has(series)).map(({ series }) => `no series ${series}`),
    ...selections.flatMap(({ series, labels }) =>
      labels.filter((label) => ![...ADDED, ...labelsOf(series)].includes(label)).map((label) => `${series} has no label ${label}`),
    ),
    ...grouping.filter((label) => !known.has(label)).map((label) => `no label ${label} in ${expression}`),
  ];
}

function labelsOf(series: string): string[] {
  const declaration = bySeries.get(series);
  return declaration === undefined ? [] : [...Object.keys(declaration.labels), ...(series.endsWith("_bucket") ? ["le"] : [])];
}

describe("the reader of queries", () => {
  test("finds series, labels and groupings", () => {
    expect(
      readQuery('histogram_quantile(0.99, sum by (le, type) (rate(a_bucket{x=~"b|c", y!="d"}[$__rate_interval]))) > 1 and sum(e)'),
    ).toEqual({
      selections: [
        { series: "a_bucket", labels: ["x", "y"] },
        { series: "e", labels: [] },
      ],
      grouping: ["le", "type"],
    });
  });

  test("refuses what it does not know", () => {
    expect(() => readQuery("irate(a[1m])")).toThrow("irate is no function");
    expect(() => readQuery("a ? b")).toThrow("cannot be read from");
    expect(problemsOf('troupe_runs_totals{workflow="x"}')).toEqual([
      "no series troupe_runs_totals",
      "troupe_runs_totals has no label workflow",
    ]);
    expect(problemsOf("sum by (run) (troupe_runs_total)")).toEqual(["no label run in sum by (run) (troupe_runs_total)"]);
  });
});

describe("the boards", () => {
  test("are four, with names of their own and panels that fit their rows", () => {
    expect(boards.map(({ uid }) => uid).sort()).toEqual(["troupe-engine", "troupe-overview", "troupe-run", "troupe-tools"]);
    for (const { panels } of boards) {
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    }
  });

  test("ask only for metrics and labels that are declared", () => {
    const expressions = boards.flatMap(({ panels, templating }) => [
      ...panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => expr ?? [])),
      ...(templating?.list ?? []).flatMap(({ definition }) => definition?.replace(/, \w+\)$/, ")") ?? []),
    ]);
    expect(expressions.length).toBeGreaterThan(50);
    expect(expressions.flatMap(problemsOf)).toEqual([]);
  });

  test("and the alerts show every metric of Troupe somewhere", () => {
    const shown = new Set(
      [
        ...boards.flatMap(({ panels }) => panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => expr ?? []))),
        ...rules.map(({ expr }) => expr),
      ]
        .flatMap((expression) => readQuery(expression).selections)
        .map(({ series }) => bySeries.get(series)?.name),
    );
    const hidden = metricList.map(([, { name }]) => name).filter((name) => !shown.has(name));
    expect(hidden).toEqual([METRICS.processStart.name]); // For Prometheus itself, which sees a restart by it.
  });
});

describe("the alerts", () => {
  test("ask only for metrics and labels that are declared, and each says what to do", () => {
    expect(rules.map(({ alert }) => alert)).toEqual([
      "TroupeRunsFail",
      "TroupeWaitsForPerson",
      "TroupeApprovalWaits",
      "TroupeCacheImpure",
      "TroupeBreakerOpen",
      "TroupeQueueNearlyFull",
      "TroupeJournalSlow",
    ]);
    expect(rules.flatMap(({ expr }) => problemsOf(expr))).toEqual([]);
    for (const { annotations } of rules) expect(Object.keys(annotations)).toEqual(["summary", "action"]);
  });

  test("each is tested by the rules' own tests", () => {
    const tests: readonly { alert_rule_test: readonly { alertname: string; exp_alerts: readonly unknown[] }[] }[] = read(
      "observability/prometheus/rules.test.yml",
    ).tests;
    const spoken = tests.flatMap(({ alert_rule_test }) =>
      alert_rule_test.filter(({ exp_alerts }) => exp_alerts.length > 0).map(({ alertname }) => alertname),
    );
    expect(spoken.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });
});

test("the documentation names the caps as they are", () => {
  const caps = `${WORKFLOWS_MAX} workflows, ${TENANTS_MAX} tenants, ${TOOLS_MAX} tools and ${TYPES_MAX} step types`;
  expect(readFileSync("docs/observability.md", "utf8")).toContain(`Names that come from data are capped: ${caps} keep series of their own`);
});

test("metrics are named as Prometheus wants them", () => {
  for (const [, { name, type, labels, buckets = [], help, hasExemplars }] of metricList) {
    expect(name).toMatch(/^(troupe|process|nodejs)_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith("_total"), name).toBe(type === "counter");
    expect(Object.keys(labels).length).toBeLessThanOrEqual(3);
    for (const label of Object.keys(labels)) expect(["run", "run_id", "id", "le", "url", "host"]).not.toContain(label);
    expect(buckets.length > 0, name).toBe(type === "histogram");
    expect([...buckets].sort((one, other) => one - other)).toEqual(buckets);
    expect(help).toMatch(/^[^"\\\n]+\.$/);
    if (hasExemplars) expect(type).toBe("histogram");
  }
});
