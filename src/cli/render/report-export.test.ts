/** What other programs read: CSV as RFC 4180 has it, and OpenMetrics 1.0. */
import { expect, test } from "vitest";
import { RUN, ToldRun } from "../../../test/support/told-run.ts";
import { buildWorkflow } from "../../../test/support/workflow-builder.ts";
import type { RunReport } from "../../contract/run-report.ts";
import type { RunId } from "../../core/ids.ts";
import { computeRunReport } from "../../main/report/run-report.ts";
import { renderCsv } from "./report-csv.ts";
import { renderOpenMetrics } from "./report-open-metrics.ts";

const OTHER = `run_${"2".repeat(32)}` as RunId;

function reportOf(id: RunId, workflow = "sample"): RunReport {
  const run = new ToldRun(id, { workflow })
    .ready(0, "a")
    .start(5, "a")
    .succeed(1_505, "a", 1, { startedAt: 5, endedAt: 1_505, costUsd: 0.25 });
  run.skip(1_505, "b", 'its condition is false: input.x == "a,b"').end(1_510);
  const steps = buildWorkflow([
    { id: "a", manualMinutes: 2 },
    { id: "b", needs: ["a"] },
  ]);
  return computeRunReport({ workflow: steps, entries: run.entries, anomalies: [], usualMs: new Map(), usdPerHour: null });
}

test("CSV has one head, a line for each step, and quotes where they are needed", () => {
  const lines = renderCsv([reportOf(RUN), reportOf(OTHER)]).split("\r\n");
  expect(lines).toHaveLength(6);
  const [head = "", first = "", second = ""] = lines;
  const cells = Object.fromEntries(head.split(",").map((name, index) => [name, first.split(",")[index]]));
  expect(cells).toMatchObject({
    run: RUN,
    step: "a",
    state: "succeeded",
    started_at: "1970-01-01T00:00:00.005Z",
    took_ms: "1500",
    queue_ms: "5",
    attempts: "1",
    cost_usd: "0.25",
    manual_minutes: "2",
    skipped_because: "",
  });
  expect(second).toMatch(/,"its condition is false: input.x == ""a,b"""$/);
  expect(lines.at(-1)).toBe("");
});

test("no cell of a CSV file begins like a formula", () => {
  expect(renderCsv([reportOf(RUN, '=HYPERLINK("x")')])).toContain(`"'=HYPERLINK(""x"")"`);
});

test("OpenMetrics text keeps families together, in base units, with the time of each run's end", () => {
  const text = renderOpenMetrics([reportOf(RUN), reportOf(OTHER)]);
  expect(text.endsWith("# EOF\n")).toBe(true);
  let family = "";
  const seen = new Set<string>();
  const samples = new Set<string>();
  for (const line of text.trimEnd().split("\n").slice(0, -1)) {
    const type = /^# TYPE (\w+) gauge$/.exec(line)?.[1];
    if (type !== undefined) {
      expect(seen, "a family comes once").not.toContain(type);
      seen.add(type);
      family = type;
      continue;
    }
    const unit = /^# UNIT (\w+) (\w+)$/.exec(line);
    if (unit !== null) expect(unit[1]).toMatch(new RegExp(`^${family}$`));
    if (unit !== null) expect(family.endsWith(`_${unit[2]}`)).toBe(true);
    if (line.startsWith("#")) continue;
    const [, name, labels] = /^(\w+)\{((?:\w+="(?:[^"\\\n]|\\.)*",?)+)\} -?[\d.e+-]+ \d+\.\d{3}$/.exec(line) ?? [];
    expect([line, name]).toEqual([line, family]);
    expect(samples, "a series comes once").not.toContain(`${name}${labels}`);
    samples.add(`${name}${labels}`);
  }
  expect(seen.size).toBeGreaterThan(10);
  expect(text).toContain(
    `troupe_report_run_elapsed_seconds{run="${RUN}",workflow="sample",tenant="default",state="succeeded"} 1.51 1.510\n`,
  );
  expect(text).toMatch(/troupe_report_step_phase_seconds\{.*step="a",phase="run"\} 1\.5 1\.510\n/);
});

test("labels are escaped", () => {
  expect(renderOpenMetrics([reportOf(RUN, 'a"b\\c\nd')])).toContain('workflow="a\\"b\\\\c\\nd"');
});
