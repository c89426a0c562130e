/** Figures of a run for people. */
import type { PathStep, RunReport, StepReport } from "../../contract/run-report.ts";
import { formatDuration } from "../../core/duration.ts";
import { toLine } from "./line.ts";
import { type Look, stateStyle } from "./look.ts";
import { shortRunId } from "./run-id.ts";
import { type Cell, type Column, renderTable } from "./table.ts";
import { plural, toOneLine, wrap } from "./text.ts";

/** A column that says nothing about any step is left out. */
interface StepColumn extends Column {
  cell(step: StepReport): Cell;
  readonly isAlways?: true;
}

const time = (title: string, ms: (step: StepReport) => number | null): StepColumn => ({
  title,
  align: "right",
  cell: (step) => {
    const value = ms(step);
    return value === null || value === 0 ? "" : formatDuration(value);
  },
});

const COLUMNS: readonly StepColumn[] = [
  { title: "STEP", cell: ({ id }) => id, isAlways: true },
  { title: "STATE", cell: ({ state, isReused }) => [stateStyle(state), isReused ? "taken over" : state], isAlways: true },
  { title: "ITEMS", align: "right", cell: ({ items }) => (items === null ? "" : itemsText(items)) },
  { ...time("TOOK", ({ tookMs }) => tookMs), isAlways: true },
  time("BLOCKED", ({ blockedMs }) => blockedMs),
  time("QUEUED", ({ queueMs }) => queueMs),
  { ...time("RAN", ({ runMs }) => runMs), isAlways: true },
  time("BACKOFF", ({ retryMs }) => retryMs),
  time("HELD", ({ heldMs }) => heldMs),
  { title: "ATTEMPTS", align: "right", cell: ({ attempts }) => (attempts.length > 1 ? String(attempts.length) : "") },
  { title: "COST", align: "right", cell: ({ costUsd }) => (costUsd > 0 ? usdText(costUsd) : "") },
];

/** All of them, and those that did not succeed. */
function itemsText({ total, states }: NonNullable<StepReport["items"]>): string {
  const others = Object.entries(states).filter(([state]) => state !== "succeeded");
  return others.length === 0 ? String(total) : `${total}: ${others.map(([state, count]) => `${count} ${state}`).join(", ")}`;
}

export function renderReport(report: RunReport, look: Look): string[] {
  const rows = report.steps.map((step) => COLUMNS.map(({ cell }) => cell(step)));
  const isShown = COLUMNS.map(({ isAlways }, index) => isAlways === true || rows.some((row) => row[index] !== ""));
  const shown = <TItem>(list: readonly TItem[]): TItem[] => list.filter((_, index) => isShown[index]);
  const facts: readonly (readonly [title: string, text: string | null])[] = [
    ["critical path", pathText(report.criticalPath, look)],
    ["time", timeText(report)],
    ["parallel", parallelText(report)],
    ["cache", cacheText(report)],
    ["cost", costText(report)],
    ["saved", savingsText(report)],
    ["quality", qualityText(report)],
  ];
  return [
    heading(report, look),
    "",
    ...renderTable(shown(COLUMNS), rows.map(shown), look),
    "",
    ...facts.flatMap(([title, text]) => (text === null ? [] : factLines(title, text, look))),
  ];
}

function heading({ run, time: { elapsedMs }, progress }: RunReport, look: Look): string {
  const goesOn = run.endedAt === null ? `, ${progress.done} of ${plural(progress.total, "step")} done` : "";
  return toLine(
    [
      ["bold", toOneLine(run.workflow)],
      " ",
      [stateStyle(run.state), run.state],
      ` after ${formatDuration(elapsedMs)}${goesOn}  `,
      ["gray", shortRunId(run.id)],
    ],
    look,
  );
}

const TITLE_COLUMNS = 15;

function factLines(title: string, text: string, look: Look): string[] {
  return wrap(toOneLine(text), look.textColumns - TITLE_COLUMNS).map((line, index) =>
    toLine([["gray", (index === 0 ? title : "").padEnd(TITLE_COLUMNS)], line], look),
  );
}

function pathText({ steps, totalMs }: RunReport["criticalPath"], look: Look): string | null {
  if (steps.length === 0) return null;
  return `${steps.map(pathStepText).join(` ${look.signs.arrow} `)}; ${formatDuration(totalMs)} in all`;
}

/** Shorter waits are the engine's own. */
const WAIT_SHOWN_MS = 50;

function pathStepText({ id, because, waitMs, runMs, retryMs, heldMs }: PathStep): string {
  const parts = [
    waitMs >= WAIT_SHOWN_MS ? `${formatDuration(waitMs)} waiting${because === "lock" ? " for a lock" : ""}` : "",
    formatDuration(runMs),
    retryMs > 0 ? `${formatDuration(retryMs)} between attempts` : "",
    heldMs > 0 ? `${formatDuration(heldMs)} held` : "",
  ];
  return `${id} (${parts.filter((part) => part !== "").join(", ")})`;
}

function timeText({ time: { elapsedMs, workMs, queueMs, retryMs, heldMs } }: RunReport): string {
  const parts = [
    `${formatDuration(elapsedMs)} elapsed`,
    `${formatDuration(workMs)} of work`,
    queueMs > 0 ? `${formatDuration(queueMs)} queued` : "",
    retryMs > 0 ? `${formatDuration(retryMs)} between attempts` : "",
    heldMs > 0 ? `${formatDuration(heldMs)} waiting for a person` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function parallelText({ parallel: { peak, speedup, speedupLimit, efficiency }, quality }: RunReport): string | null {
  if (quality.executedSteps < 2) return null;
  const limit = `its longest chain of work allows ${speedupLimit.toFixed(1)}×`;
  return `${speedup.toFixed(1)}× as fast as one after the other, ${limit}; ${peak} at once, busy ${percentText(efficiency)} of the time`;
}

function cacheText({ cache: { reusedSteps, savedMs } }: RunReport): string | null {
  if (reusedSteps === 0) return null;
  const saved = savedMs === null ? "" : `, which usually take ${formatDuration(savedMs)}`;
  return `${plural(reusedSteps, "step")} taken over from an earlier run${saved}`;
}

function costText({ cost: { usd, wastedUsd, byTool } }: RunReport): string | null {
  if (usd === 0) return null;
  const tools = Object.entries(byTool).map(([tool, spent]) => `${tool} ${usdText(spent)}`);
  const wasted = wastedUsd > 0 ? `, ${usdText(wastedUsd)} of it on attempts that did not succeed` : "";
  return `${usdText(usd)}${wasted}${tools.length > 1 ? ` (${tools.join(", ")})` : ""}`;
}

function savingsText({ savings, cost }: RunReport): string | null {
  const { declaredSteps, manualMs, savedMs, savedUsd, roi, breakEvenUsdPerHour } = savings;
  if (declaredSteps === 0) return null;
  const gain = savedMs >= 0 ? `${formatDuration(savedMs)} saved` : `${formatDuration(-savedMs)} lost`;
  const value = savedUsd === null ? "" : `, worth ${usdText(savedUsd)}`;
  const worth = roi === null ? "" : ` and ${roi.toFixed(1)} times its cost in gain`;
  const pays =
    savedUsd === null && cost.usd > 0 && breakEvenUsdPerHour !== null ? `; pays where an hour costs ${usdText(breakEvenUsdPerHour)}` : "";
  return `${gain} of ${formatDuration(manualMs)} that a person would need for ${plural(declaredSteps, "step")}${value}${worth}${pays}`;
}

function qualityText({ quality }: RunReport): string | null {
  const {
    executedSteps,
    succeededFirst,
    firstAttemptRate,
    retries,
    failedSteps,
    timedOutAttempts,
    lostAttempts,
    quarantines,
    engineDeaths,
  } = quality;
  if (firstAttemptRate === null) return null;
  const parts = [
    `${succeededFirst} of ${plural(executedSteps, "step")} succeeded at the first attempt (${percentText(firstAttemptRate)})`,
    retries > 0 ? plural(retries, "retry", "retries") : "",
    failedSteps > 0 ? `${plural(failedSteps, "step")} failed` : "",
    timedOutAttempts > 0 ? `${plural(timedOutAttempts, "attempt")} out of time` : "",
    lostAttempts > 0 ? `${plural(lostAttempts, "attempt")} lost` : "",
    quarantines > 0 ? `asked a person ${plural(quarantines, "time")}` : "",
    engineDeaths > 0 ? `${plural(engineDeaths, "engine")} died` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

export function percentText(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** Cents, and what is below a cent with two digits. */
export function usdText(usd: number): string {
  const digits = usd === 0 || Math.abs(usd) >= 0.01 ? 2 : Math.min(6, 1 - Math.floor(Math.log10(Math.abs(usd))));
  return `${usd < 0 ? "-" : ""}$${Math.abs(usd).toFixed(digits)}`;
}
