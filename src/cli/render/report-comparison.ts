/** Two runs side by side, with what the history says about their differences. */
import type { FigureChange, JudgedChange, RunComparison, StepComparison } from "../../contract/run-report.ts";
import { formatDuration } from "../../core/duration.ts";
import { bytesText } from "./anomaly-text.ts";
import { toLine } from "./line.ts";
import type { Look, Style } from "./look.ts";
import { percentText, usdText } from "./report-text.ts";
import { shortRunId } from "./run-id.ts";
import { type Cell, renderTable } from "./table.ts";
import { plural, toOneLine } from "./text.ts";

type Show = (value: number) => string;

export function renderComparison(comparison: RunComparison, look: Look): string[] {
  const { left, right, workflow, sameDefinition } = comparison;
  const names = workflow[0] === workflow[1] ? toOneLine(workflow[0]) : workflow.map(toOneLine).join(` ${look.signs.arrow} `);
  const definition = sameDefinition ? "the same definition" : look.paint("yellow", "another definition");
  return [
    toLine([["bold", names], `  ${shortRunId(left)} ${look.signs.arrow} ${shortRunId(right)}`], look),
    `${definition}; ${historyText(comparison)}`,
    "",
    ...runTable(comparison, look),
    "",
    ...stepTable(comparison, look),
  ];
}

function historyText({ history, steps }: RunComparison): string {
  if (history === null) return "different workflows: no history to hold the differences against";
  const short = steps.flatMap((step) => judgedOf(step)).find(({ significance }) => significance.kind === "not_enough_history");
  const needed = short?.significance.kind === "not_enough_history" ? short.significance.needed : null;
  if (history.runs === 0)
    return `no earlier runs: not enough history to call a difference significant${needed === null ? "" : ` (${needed} needed)`}`;
  if (needed !== null && history.runs < needed)
    return `${plural(history.runs, "earlier run")}: not enough history to call a difference significant (${needed} needed)`;
  return `held against ${plural(history.runs, "run")} before the ${history.before === "left" ? "first" : "second"}`;
}

function judgedOf({ durationMs, costUsd, retries, outputBytes }: StepComparison): readonly JudgedChange[] {
  return [durationMs, costUsd, retries, outputBytes];
}

function runTable(comparison: RunComparison, look: Look): string[] {
  const times: Show = (value) => `${value.toFixed(2)}×`;
  const figures: readonly (readonly [string, FigureChange, Show])[] = [
    ["elapsed", comparison.elapsedMs, formatDuration],
    ["work", comparison.workMs, formatDuration],
    ["queued", comparison.queueMs, formatDuration],
    ["retry pauses", comparison.retryMs, formatDuration],
    ["cost", comparison.costUsd, usdText],
    ["speed-up", comparison.speedup, times],
    ["efficiency", comparison.efficiency, percentText],
    ["first attempts", comparison.firstAttemptRate, percentText],
    ["saved", comparison.savedMs, signed(formatDuration)],
  ];
  const rows = figures
    .filter(([, { left, right }]) => (left ?? 0) !== 0 || (right ?? 0) !== 0)
    .map(([name, change, show]): Cell[] => [name, valueText(change.left, show), valueText(change.right, show), deltaText(change, show)]);
  return renderTable(
    [{ title: "RUN" }, { title: "LEFT", align: "right" }, { title: "RIGHT", align: "right" }, { title: "CHANGE" }],
    rows,
    look,
  );
}

/** One line for each step's time, and one more for each other figure that changed. */
function stepTable({ steps }: RunComparison, look: Look): string[] {
  const rows = steps.flatMap((step): Cell[][] => {
    const { id, only, state, durationMs, costUsd, retries, outputBytes } = step;
    if (only !== null) return [[id, "", only === "left" ? "there" : "none", only === "right" ? "there" : "none", "", ""]];
    const line = (name: string, change: JudgedChange, show: Show): Cell[] => [
      name === "time" ? id : "",
      name,
      valueText(change.left, show),
      valueText(change.right, show),
      deltaText(change, show),
      verdict(change),
    ];
    const moved = (change: JudgedChange): boolean => change.delta !== null && change.delta !== 0;
    const head =
      durationMs.delta === null ? [[id, "state", state[0] ?? "", state[1] ?? "", "", ""]] : [line("time", durationMs, formatDuration)];
    return [
      ...head,
      ...(moved(costUsd) ? [line("cost", costUsd, usdText)] : []),
      ...(moved(retries) ? [line("retries", retries, String)] : []),
      ...(moved(outputBytes) ? [line("output", outputBytes, bytesText)] : []),
    ];
  });
  const right = "right" as const;
  return renderTable(
    [
      { title: "STEP" },
      { title: "OF" },
      { title: "LEFT", align: right },
      { title: "RIGHT", align: right },
      { title: "CHANGE" },
      { title: "" },
    ],
    rows,
    look,
  );
}

function verdict({ significance, delta }: JudgedChange): Cell {
  switch (significance.kind) {
    case "significant":
      return [(delta ?? 0) > 0 ? ("yellow" satisfies Style) : "green", `significant (${significance.score.toFixed(1)})`];
    case "ordinary":
      return ["gray", "ordinary"];
    case "not_enough_history":
      return ["gray", `not enough history (${significance.samples} of ${significance.needed})`];
    case "not_comparable":
      return "";
  }
}

function valueText(value: number | null, show: Show): string {
  return value === null ? "-" : show(value);
}

function deltaText({ left, right, delta }: FigureChange, show: Show): string {
  if (delta === null || delta === 0) return "";
  const share = left !== null && right !== null && left > 0 && right > 0 ? ` (${(right / left).toFixed(2)}×)` : "";
  return `${delta > 0 ? "+" : "-"}${show(Math.abs(delta))}${share}`;
}

function signed(show: Show): Show {
  return (value) => (value < 0 ? `-${show(-value)}` : show(value));
}
