/** One picture as lines: a head, a table of runs, and what the steps of the chosen run do. Pure. */
import { formatDuration } from "../../core/duration.ts";
import { isAtRest } from "../live/live-model.ts";
import { type Part, toLine } from "../render/line.ts";
import { type Look, type Style, stateSign, stateStyle } from "../render/look.ts";
import { cutTo, padEnd, padStart, plural, toOneLine, widthOf } from "../render/text.ts";
import { timeText } from "../render/value.ts";
import type { TopPicture, TopRun, TopStep } from "./top-picture.ts";

export interface TopFrame {
  /** Rows to fill; null for all that there is. */
  readonly rows: number | null;
  /** Id of the chosen run; null where nobody can choose, and then every run shows its steps. */
  readonly chosen: string | null;
  /** The last line, for the person at the keyboard. */
  readonly hint: string | null;
}

/** From here on there is room for counts and money. */
const WIDE_COLUMNS = 100;
const WORKFLOW_COLUMNS_MAX = 30;
const STEP_COLUMNS_MAX = 28;
const STEPS_OF_EACH_MAX = 5;
/** `23 h 59 m`, and a blank before it. */
const TIME_COLUMNS = 10;
const STATE_COLUMNS = 11;
const ID_DIGITS = 16;
/** Where no terminal has a width, the clock still stands in sight. */
const HEAD_COLUMNS_MAX = 120;

export function renderTop(picture: TopPicture, frame: TopFrame, look: Look): string[] {
  const head = headLines(picture, look);
  const foot = frame.hint === null ? [] : [cutLine([["gray", frame.hint]], look)];
  const body = bodyLines(picture, frame, look);
  if (frame.rows === null) return [...head, ...body, ...foot];
  const room = Math.max(0, frame.rows - head.length - foot.length);
  const shown = body.slice(0, room);
  return [...head, ...shown, ...Array.from({ length: room - shown.length }, () => ""), ...foot].slice(0, frame.rows);
}

/** One column is left free, so that no terminal wraps. */
function cutLine(parts: readonly Part[], look: Look): string {
  return toLine(parts, look, look.columns - 1);
}

function headLines(
  { at, directory, hasState, isDriven, unfinished, running, queued, quarantined, costPerMinuteUsd, breakers, runs }: TopPicture,
  look: Look,
): string[] {
  const clock = timeText(at, at);
  const driven: readonly [Style, string] = !hasState
    ? ["gray", ""]
    : isDriven
      ? ["green", "driven by an engine"]
      : unfinished > 0
        ? ["yellow", "driven by nobody: troupe recover all"]
        : ["gray", "no engine"];
  const room = Math.min(look.columns, HEAD_COLUMNS_MAX) - widthOf(driven[1]) - widthOf(clock) - 18;
  const place = padEnd(cutStart(toOneLine(directory), Math.max(10, room)), room);
  const title = cutLine([["bold", "troupe top"], `  ${place}  `, driven, ["gray", `  ${clock}`]], look);
  if (!hasState) return [title];
  // Steps are counted in the runs that are listed.
  const more = runs.filter(({ endedAt }) => endedAt === null).length < unfinished ? "+" : "";
  const parked = runs.flatMap(({ steps }) => steps).filter(({ state }) => state === "running.parked").length;
  const facts: Part[] = [
    `${plural(unfinished, "unfinished run")}   ${running}${more} running   ${queued + parked}${more} waiting`,
    quarantined > 0 ? ["yellow", `   ${quarantined} quarantined`] : "",
    costPerMinuteUsd > 0 ? `   $${costPerMinuteUsd.toFixed(2)} a minute` : "",
  ];
  const open = breakers.map(({ target, state, changedAt }) => {
    const since = `${formatDuration(Math.max(0, at - changedAt))} ago`;
    return `${toOneLine(target)} (${state === "half_open" ? "half open, " : ""}${since})`;
  });
  return [title, cutLine(facts, look), ...(open.length === 0 ? [] : [cutLine([["red", `breakers open: ${open.join(", ")}`]], look)]), ""];
}

/** The end of a path says more than its beginning. */
function cutStart(text: string, columns: number): string {
  return widthOf(text) <= columns ? text : `…${text.slice(-(columns - 1))}`;
}

function bodyLines(picture: TopPicture, { rows, chosen }: TopFrame, look: Look): string[] {
  const { hasState, problem, runs, unfinished } = picture;
  if (problem !== null) return ["", cutLine([["yellow", toOneLine(problem)]], look)];
  if (!hasState) return ["", cutLine([["gray", "There are no runs yet. They appear here when somebody starts one."]], look)];
  if (runs.length === 0) return [cutLine([["gray", "Nothing runs."]], look)];
  const layout = layoutOf(runs, look);
  const details =
    chosen === null
      ? []
      : stepLines(
          runs.find(({ id }) => id === chosen),
          picture.at,
          look,
        );
  // The table gets what its runs need, the steps the rest; at least three runs stay in sight.
  const room = rows === null ? runs.length : Math.max(3, rows - 7 - Math.min(details.length, Math.ceil(rows / 2)));
  const first = firstShown(runs, chosen, room);
  const shown = runs.slice(first, first + room);
  const lines = shown.flatMap((run) => [
    runLine(run, run.id === chosen, layout, picture.at, look),
    ...(chosen === null ? stepLines(run, picture.at, look, STEPS_OF_EACH_MAX) : []),
  ]);
  const hidden = Math.max(runs.length, unfinished) - shown.length;
  return [
    cutLine([["gray", titles(layout)]], look),
    ...lines,
    ...(hidden > 0 ? [cutLine([["gray", `  and ${plural(hidden, "more run")}`]], look)] : []),
    ...(details.length === 0 ? [] : ["", ...details]),
  ];
}

function firstShown(runs: readonly TopRun[], chosen: string | null, room: number): number {
  const at = Math.max(
    0,
    runs.findIndex(({ id }) => id === chosen),
  );
  return Math.max(0, Math.min(at - Math.floor(room / 2), runs.length - room));
}

interface Layout {
  readonly workflow: number;
  readonly bar: number;
  readonly isWide: boolean;
}

function layoutOf(runs: readonly TopRun[], { columns }: Look): Layout {
  const isWide = columns >= WIDE_COLUMNS;
  const bar = isWide ? 16 : 6;
  // Sign, state, bar with percent, left, time, id, and the gaps.
  const fixed = 2 + STATE_COLUMNS + bar + 6 + TIME_COLUMNS * 2 + ID_DIGITS + 2 * 4 - 1 + (isWide ? 20 : 0);
  const wanted = Math.max(8, ...runs.map(({ workflow }) => widthOf(toOneLine(workflow))));
  return { workflow: Math.max(8, Math.min(wanted, WORKFLOW_COLUMNS_MAX, columns - 1 - fixed)), bar, isWide };
}

function titles({ workflow, bar, isWide }: Layout): string {
  const wide = isWide ? `${padStart("STEPS", 9)}  ${padStart("COST", 7)}  ` : "";
  return `  ${padEnd("WORKFLOW", workflow)}  ${padEnd("STATE", STATE_COLUMNS)}  ${padEnd("PROGRESS", bar + 6)} ${wide}${padStart("LEFT", TIME_COLUMNS)}${padStart("TIME", TIME_COLUMNS)}  RUN`;
}

function runLine(run: TopRun, isChosen: boolean, { workflow: columns, bar, isWide }: Layout, now: number, look: Look): string {
  const { id, workflow, state, startedAt, endedAt, done, total, percent, remainingMs, costUsd } = run;
  const name = padEnd(cutTo(toOneLine(workflow), columns), columns);
  const word = state === "running.executing" ? "running" : state.slice(state.indexOf(".") + 1);
  const left = isAtRest(state) || remainingMs === null ? "" : formatDuration(Math.max(0, remainingMs));
  const took = startedAt === null ? "" : formatDuration(Math.max(0, (endedAt ?? now) - startedAt));
  const wide = isWide ? `${padStart(`${done}/${total}`, 9)}  ${padStart(costUsd > 0 ? `$${costUsd.toFixed(2)}` : "", 7)}  ` : "";
  const filled = Math.round((bar * percent) / 100);
  return cutLine(
    [
      stateSign(look, state),
      " ",
      isChosen ? [["bold", "inverse"], name] : name,
      "  ",
      [stateStyle(state), padEnd(word, STATE_COLUMNS)],
      "  ",
      [isAtRest(state) ? "gray" : "cyan", look.signs.full.repeat(filled)],
      ["gray", look.signs.empty.repeat(bar - filled)],
      `${padStart(`${percent} %`, 6)} `,
      wide,
      padStart(left, TIME_COLUMNS),
      padStart(took, TIME_COLUMNS),
      ["gray", `  ${id.replace(/^run_/, "").slice(0, ID_DIGITS)}`],
    ],
    look,
  );
}

function stepLines(run: TopRun | undefined, now: number, look: Look, max = Number.POSITIVE_INFINITY): string[] {
  if (run === undefined) return [];
  const { steps, queued } = run;
  const columns = Math.min(STEP_COLUMNS_MAX, Math.floor(look.columns / 3), Math.max(0, ...steps.map(({ id }) => widthOf(id))));
  const shown = steps.length <= max ? steps : steps.slice(0, max);
  const hidden = steps.length - shown.length;
  return [
    ...shown.map((step) => stepLine(step, columns, now, look)),
    ...(hidden > 0 ? [cutLine([["gray", `    and ${plural(hidden, "more step")}`]], look)] : []),
    ...(queued > 0 ? [cutLine([["gray", `    ${look.signs.state.queued} ${plural(queued, "step")} waiting for a place`]], look)] : []),
  ];
}

function stepLine({ id, state, attempt, startedAt, dueAt, usualMs, lastLine }: TopStep, columns: number, now: number, look: Look): string {
  const name = padEnd(cutTo(id, columns), columns);
  const parts: Part[] = ["    ", stateSign(look, state), ` ${name}  `];
  if (attempt > 1) parts.push(["yellow", `attempt ${attempt}  `]);
  if (state === "retrying") parts.push(["yellow", dueAt === null ? "waits" : `again in ${formatDuration(Math.max(0, dueAt - now))}`]);
  else if (state === "quarantined") parts.push(["yellow", "waits for a person"]);
  else if (state === "running.parked") parts.push(["yellow", "waits for an answer, an event or a time"]);
  else {
    parts.push(startedAt === null ? "" : formatDuration(Math.max(0, now - startedAt)));
    parts.push(["gray", usualMs === null ? "" : ` of ${formatDuration(usualMs)}`]);
    if (state === "running.stopping") parts.push(["yellow", "  stopping"]);
    if (lastLine !== null) parts.push(["gray", `  ${toOneLine(lastLine)}`]);
  }
  return cutLine(parts, look);
}
