/** A run when it has come to rest: a tree of its steps, what it gave, how long it took, and the command to go on with. */
import type { AnomalyView } from "../../contract/run-report.ts";
import type { RunView, StepView } from "../../contract/run-view.ts";
import { formatDuration } from "../../core/duration.ts";
import { stepNameOf } from "../../core/item-id.ts";
import { runCommands, shellWord } from "../next-commands.ts";
import type { RunForecast } from "../run-forecast.ts";
import { renderAnomalies } from "./anomaly-text.ts";
import { type Part, toLine } from "./line.ts";
import { type Look, stateSign, stateStyle } from "./look.ts";
import { shortRunId } from "./run-id.ts";
import { rowsOf, type TreeRow } from "./step-rows.ts";
import { padEnd, plural, toHarmless, toOneLine, widthOf, wrap } from "./text.ts";
import { timeText, valueLines } from "./value.ts";

export interface SummaryInput {
  readonly view: RunView;
  /** The longest chain of steps that were executed, by actual durations; empty where none is known. */
  readonly criticalPath: readonly string[];
  /** Why earlier attempts of a step were repeated. */
  readonly retries: ReadonlyMap<string, readonly string[]>;
  /** Last lines that a failed step printed. */
  readonly logTails: ReadonlyMap<string, readonly string[]>;
  /** What was far from usual. @defaultValue none */
  readonly anomalies?: readonly AnomalyView[];
  /** How far an unfinished run is; null or left out where nothing is left to expect. */
  readonly forecast?: RunForecast | null;
  /** What each parked step waits for, in words. @defaultValue none */
  readonly parked?: ReadonlyMap<string, string>;
}

const NAME_COLUMNS_MAX = 32;
/** Outputs with more lines are a command away. */
const OUTPUT_LINES_MAX = 20;

export function renderSummary(input: SummaryInput, look: Look): string[] {
  const { view } = input;
  return [
    heading(view, look),
    ...expectation(input, look),
    ...tree(input, look),
    ...failure(view, look),
    ...output(view, look),
    ...figures(input, look),
    ...renderAnomalies(view.id, input.anomalies ?? [], look),
    ...nextCommands(input, look),
  ];
}

const REST: ReadonlySet<string> = new Set(["succeeded", "failed", "skipped", "canceled"]);

function heading({ id, workflow, state, detail, durationMs, parent, steps, waitingFor }: RunView, look: Look): string {
  const verb =
    detail === "running.paused"
      ? "is paused"
      : detail === "running.waiting" && waitingFor !== null
        ? // The tree below names the step.
          `waits for ${waitingFor.replace(/ \(step `[^`]*`\)$/, "")}`
        : state === "running" || state === "pending"
          ? `is ${state}`
          : state === "quarantined"
            ? "waits for a person"
            : state;
  const isOpen = state === "running" || state === "pending" || state === "quarantined";
  // A fan-out is one step, as in `list` and `plan`: how many items it has is not known before.
  const main = steps.filter(({ itemKey }) => itemKey === null);
  const time = isOpen
    ? `, ${main.filter((step) => REST.has(step.state)).length} of ${plural(main.length, "step")} done`
    : durationMs === null
      ? ""
      : ` ${state === "succeeded" ? "in" : "after"} ${formatDuration(durationMs)}`;
  const from = parent === null ? "" : `, ${parent.relation} of ${shortRunId(parent.runId)}`;
  return toLine(
    [
      stateSign(look, detail),
      " ",
      ["bold", toOneLine(workflow)],
      " ",
      [stateStyle(detail), verb],
      `${time}  `,
      ["gray", `${shortRunId(id)}${from}`],
    ],
    look,
  );
}

function expectation({ forecast = null, view }: SummaryInput, look: Look): string[] {
  if (forecast === null) return [];
  const { percent, remainingMs, isDriven, endsAt } = forecast;
  const left = remainingMs === null ? "" : `, about ${formatDuration(remainingMs)} left`;
  const until = endsAt === null ? "" : ` (until ${timeText(endsAt, Date.now())})`;
  const nobody = isDriven || view.detail === "running.paused" ? "" : "; nobody drives it at the moment";
  return [toLine([`${percent} % done${left}${until}`, ["yellow", nobody]], look)];
}

function tree({ view, retries, logTails, parked }: SummaryInput, look: Look): string[] {
  const rows = rowsOf(view.steps);
  const columns = Math.min(NAME_COLUMNS_MAX, Math.max(0, ...rows.map((row) => widthOf(nameOf(row)))));
  return rows.flatMap((row, index) => {
    const isLast = index === rows.length - 1;
    const branch: Part = ["gray", `${isLast ? look.signs.lastBranch : look.signs.branch} `];
    const trunk = look.paint("gray", isLast ? "  " : look.signs.trunk);
    const name = padEnd(nameOf(row), columns);
    if (row.kind === "more") return [toLine([branch, ["gray", `  ${name}  ${row.text}`]], look)];
    const { step } = row;
    const short = facts(step) + itemFacts(step, view);
    const reason = parked?.get(step.id) ?? reasonText(step);
    // What does not fit beside the name stands below it, whole.
    const room = look.columns - 7 - columns - short.length;
    const fits = !reason.includes(" ") || widthOf(reason) <= room;
    const shown: Part = [step.state === "skipped" ? "gray" : stateStyle(step.detail), fits ? reason : (reason.split(":")[0] ?? "")];
    const line = toLine([branch, stateSign(look, step.detail), ` ${name}  `, ["gray", short], shown], look);
    const below = [
      ...(fits ? [] : wrap(reason, look.textColumns - 8)),
      ...(retries.get(step.id) ?? []).map((text, attempt) => `attempt ${attempt + 1}: ${toOneLine(text)}`),
      ...problem(step, look),
      ...(logTails.get(step.id) ?? [])
        .filter((text) => !step.error?.detail?.includes(text))
        .map((text) => `${look.signs.bar} ${toHarmless(text)}`),
    ];
    return [line, ...below.map((text) => toLine([trunk, "    ", ["gray", text]], look))];
  });
}

function nameOf(row: TreeRow): string {
  return row.kind === "more" ? "…" : row.step.itemKey === null ? row.step.id : `  [${row.step.itemKey}]`;
}

/** Shorter waits between attempts say nothing that anybody could change. */
const WAIT_SHOWN_MS = 100;

/** Time, attempts and cost, with what separates them from a reason. */
function facts(step: StepView): string {
  const { state, attempts, durationMs, cached, costUsd } = step;
  if (cached) return "taken over";
  const tookMs = tookOf(step);
  const waitedMs = (durationMs ?? 0) - (tookMs ?? 0);
  const parts = [
    state !== "skipped" && tookMs !== null && attempts > 0 ? formatDuration(tookMs) : "",
    attempts > 1 ? `${attempts} attempts` : "",
    attempts > 1 && waitedMs >= WAIT_SHOWN_MS ? `${formatDuration(waitedMs)} between` : "",
    costUsd > 0 ? `$${costUsd.toFixed(2)}` : "",
  ].filter((part) => part !== "");
  return parts.map((part) => `${part}  `).join("");
}

/** Of a fan-out that went on past items that failed: its own state does not tell of them. */
function itemFacts({ id, state, itemKey }: StepView, { steps }: RunView): string {
  if (itemKey !== null || state === "failed") return "";
  const items = steps.filter((item) => item.itemKey !== null && stepNameOf(item.id) === id);
  const failed = items.filter((item) => item.state === "failed").length;
  return failed === 0 ? "" : `${failed} of ${plural(items.length, "item")} failed  `;
}

function reasonText({ state, detail, skippedBecause, error, cached }: StepView): string {
  if (state === "skipped") return `skipped: ${toOneLine(skippedBecause ?? "not needed")}`;
  if (state === "succeeded" || cached) return "";
  return error === null ? detail.slice(detail.indexOf(".") + 1) : `${toOneLine(error.title)} (${error.code})`;
}

function problem({ state, error }: StepView, look: Look): string[] {
  if (error === null || (state !== "failed" && state !== "quarantined")) return [];
  const details =
    error.detail === undefined || error.detail === error.title
      ? []
      : wrap(toHarmless(error.detail).trimEnd(), Math.max(30, look.textColumns - 8));
  return [...details, ...(error.hint === undefined ? [] : [`hint: ${toHarmless(error.hint)}`])];
}

/** What went wrong with the run itself; a step's failure stands in the tree already. */
function failure({ error }: RunView, look: Look): string[] {
  if (error === null || error.step !== null) return [];
  const { title, code, detail } = error.failure;
  return [
    "",
    toLine([["red", `${title} (${code})`]], look),
    ...(detail === undefined ? [] : wrap(toHarmless(detail), look.textColumns - 2).map((line) => `  ${line}`)),
  ];
}

function output(view: RunView, look: Look): string[] {
  if (view.state !== "succeeded" || view.output === null) return [];
  const lines = valueLines(view.output, look, "  ");
  const hidden = lines.length - OUTPUT_LINES_MAX;
  const shown =
    hidden > 1 ? [...lines.slice(0, OUTPUT_LINES_MAX), `  … ${hidden} more lines: troupe show ${shortRunId(view.id)} -o json`] : lines;
  return ["", look.paint("bold", "output"), ...shown];
}

function figures({ view, criticalPath }: SummaryInput, look: Look): string[] {
  // The time of a fan-out is that of its items.
  const fans = new Set(view.steps.flatMap(({ id, itemKey }) => (itemKey === null ? [] : [stepNameOf(id)])));
  const executed = view.steps
    .filter((step) => !fans.has(step.id))
    .filter((step) => tookOf(step) !== null && !step.cached && step.state !== "skipped");
  const workMs = executed.reduce((sum, step) => sum + (tookOf(step) ?? 0), 0);
  if (view.durationMs === null || executed.length < 2) return [];
  const speedup = view.durationMs > 0 ? workMs / view.durationMs : 1;
  const faster = speedup >= 1.05 ? `, ${speedup.toFixed(1)}× as fast as one after the other` : "";
  const lines = [
    "",
    toLine(
      [`${plural(executed.length, "step")} took ${formatDuration(workMs)} of work in ${formatDuration(view.durationMs)}${faster}`],
      look,
    ),
  ];
  if (criticalPath.length > 1) lines.push(toLine(["critical path: ", criticalPath.join(` ${look.signs.arrow} `)], look));
  return lines;
}

function tookOf({ workMs, durationMs }: StepView): number | null {
  return workMs ?? durationMs;
}

function nextCommands({ view, forecast = null }: SummaryInput, look: Look): string[] {
  const id = shortRunId(view.id);
  const commands: (readonly [command: string, meaning: string])[] = [];
  const failed = view.error?.step ?? null;
  const quarantined = view.steps.find(({ state }) => state === "quarantined");
  if (view.state === "failed" || view.state === "canceled") {
    // Only commands have captured output.
    const hasLogs = view.steps.some((step) => step.id === failed && step.type === "shell");
    if (failed !== null && hasLogs) commands.push([`troupe logs ${id} ${shellWord(failed)}`, "what it printed"]);
    if (failed !== null) commands.push([`troupe why ${id} ${shellWord(failed)}`, "why it failed"]);
    commands.push([`troupe retry ${id}`, "run again what did not succeed"]);
  } else if (quarantined !== undefined) {
    commands.push(
      [`troupe why ${id} ${shellWord(quarantined.id)}`, "what happened"],
      [`troupe quarantine release ${id} ${shellWord(quarantined.id)}`, "let it run again"],
      ["troupe quarantine --help", "other ways to decide"],
    );
  } else if (view.state === "running" || view.state === "pending") {
    commands.push([`troupe why ${id}`, "what it waits for"]);
    const decisions = runCommands(view).map(({ command, meaning }) => [command, meaning] as const);
    const isGoing = forecast?.isDriven === true && view.detail !== "running.paused";
    // Nothing goes on before the decision, whoever drives the run.
    if (decisions.length > 0 && view.detail === "running.waiting") commands.push(...decisions);
    else commands.push(isGoing ? [`troupe watch ${id}`, "follow it"] : [`troupe resume ${id}`, "let it go on here"]);
  }
  if (commands.length === 0) return [];
  const columns = Math.max(...commands.map(([command]) => command.length));
  return [
    "",
    ...commands.map(([command, meaning]) =>
      toLine(
        [
          ["cyan", padEnd(command, columns)],
          ["gray", `  ${meaning}`],
        ],
        look,
      ),
    ),
  ];
}
