/** A run's trace as bars over time: when each step was ready, ran, and waited. */
import type { RunView, StepView } from "../../contract/run-view.ts";
import { formatDuration } from "../../core/duration.ts";
import type { Span } from "../../main/read-spans.ts";
import { type Part, toLine } from "./line.ts";
import { type Look, type Style, stateSign, stateStyle } from "./look.ts";
import { shortRunId } from "./run-id.ts";
import { rowsOf } from "./step-rows.ts";
import { padEnd, plural, toOneLine, widthOf } from "./text.ts";
import { createTimeline, FOLD_COLUMNS, type Interval, type Timeline } from "./timeline.ts";
import { timeText } from "./value.ts";

export interface WaterfallInput {
  readonly view: RunView;
  /** Outer spans first, as `readSpans` gives them. */
  readonly spans: readonly Span[];
  /** The longest chain of steps by the time that each took. */
  readonly criticalPath: readonly string[];
  /** Where bars of what goes on end. */
  readonly now: number;
}

/** With fewer columns the bars would say nothing; with more, a line is hard to follow. */
const COLUMNS_MIN = 60;
const COLUMNS_MAX = 200;
const NAME_COLUMNS_MAX = 32;
/** `  attempt 12`. */
const ATTEMPT_NAME_COLUMNS = 12;
const FACT_COLUMNS_MAX = 34;
/** `▸ ✔ name  bar  facts`: marks, signs and the space between. */
const FRAME_COLUMNS = 8;

const UNICODE_BARS = { critical: "█", working: "▓", queued: "░", waiting: "╌", fold: "≈", mark: "▸", line: "─", tick: "┬" } as const;
const ASCII_BARS = { critical: "#", working: "=", queued: ".", waiting: "-", fold: "~", mark: ">", line: "-", tick: "+" } as const;
type Bars = Readonly<Record<keyof typeof UNICODE_BARS, string>>;

interface Stretch extends Interval {
  readonly kind: "queued" | "working" | "waiting";
}

interface Row {
  readonly kind: "step";
  readonly id: string;
  readonly step: StepView;
  readonly isCritical: boolean;
  readonly stretches: readonly Stretch[];
  readonly attempts: readonly Span[];
}

/** Items that have no rows of their own. */
interface More {
  readonly kind: "more";
  readonly text: string;
}

interface Drawing {
  readonly look: Look;
  readonly bars: Bars;
  readonly timeline: Timeline;
  readonly nameColumns: number;
  readonly now: number;
}

export function renderWaterfall(input: WaterfallInput, look: Look): string[] {
  const { view, spans, now } = input;
  const run = spans.filter(({ role }) => role === "run");
  const [first] = run;
  if (first === undefined) return [];
  const byName = Map.groupBy(spans, ({ name }) => name);
  const byParent = Map.groupBy(spans, ({ parentSpanId }) => parentSpanId);
  const all = rowsOf(view.steps).map((row): Row | More =>
    row.kind === "more" ? row : rowOf(row.step, byName.get(`troupe.step ${row.step.id}`) ?? [], byParent, input),
  );
  const rows = all.filter((row) => row.kind === "step");
  const whole = { from: first.startedAt, to: Math.max(...run.map(({ endedAt }) => endedAt ?? now)) };
  const namesMin = rows.some(({ attempts }) => attempts.length > 1) ? ATTEMPT_NAME_COLUMNS : 0;
  const nameColumns = Math.min(NAME_COLUMNS_MAX, Math.max(namesMin, ...rows.map(({ id }) => widthOf(id))));
  const facts = Math.min(FACT_COLUMNS_MAX, Math.max(8, ...rows.flatMap((row) => factsIn(row, now).map(widthOf))));
  const columns = Math.min(COLUMNS_MAX, Math.max(COLUMNS_MIN, look.columns)) - nameColumns - facts - FRAME_COLUMNS;
  const busy = rows.flatMap(({ stretches }) => stretches.filter(({ kind }) => kind === "working"));
  const timeline = createTimeline(whole, busy, Math.max(10, columns));
  const bars = look.signs.bar === "|" ? ASCII_BARS : UNICODE_BARS;
  const drawing: Drawing = { look, bars, timeline, nameColumns, now };
  return [
    heading(view, first, look),
    "",
    axis(whole, drawing),
    ...all.flatMap((row) => (row.kind === "more" ? [moreLine(row, drawing)] : [rowLine(row, drawing), ...attemptLines(row, drawing)])),
    "",
    ...foldLines(first, drawing),
    legend(rows, drawing),
  ];
}

/** A step has several spans where a person let it go on. */
function rowOf(
  step: StepView,
  own: readonly Span[],
  below: ReadonlyMap<string | null, readonly Span[]>,
  { criticalPath, now }: WaterfallInput,
): Row {
  // Items of a fan-out stand below its span too, and have rows of their own.
  const attempts = own.map(({ spanId }) => (below.get(spanId) ?? []).filter(({ role }) => role === "attempt"));
  const stretches = own.flatMap((span, nth) => stretchesOf(span, attempts[nth] ?? [], now));
  return { kind: "step", id: step.id, step, isCritical: criticalPath.includes(step.id), stretches, attempts: attempts.flat() };
}

/** What lies between the attempts of a step: before the first one it stood in the queue, later it waited for a retry, an answer or its items. */
function stretchesOf({ startedAt, endedAt }: Span, attempts: readonly Span[], now: number): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let at = startedAt;
  for (const attempt of attempts) {
    if (attempt.startedAt > at) stretches.push({ from: at, to: attempt.startedAt, kind: at === startedAt ? "queued" : "waiting" });
    at = attempt.endedAt ?? now;
    stretches.push({ from: attempt.startedAt, to: at, kind: "working" });
  }
  const end = endedAt ?? now;
  if (end > at) stretches.push({ from: at, to: end, kind: at === startedAt ? "queued" : "waiting" });
  return stretches;
}

function heading({ id, workflow, detail, state }: RunView, { traceId }: Span, look: Look): string {
  const verb = detail === "running.paused" ? "paused" : state;
  return toLine(
    [
      stateSign(look, detail),
      " ",
      ["bold", toOneLine(workflow)],
      " ",
      [stateStyle(detail), verb],
      "  ",
      ["gray", `${shortRunId(id)}  trace ${traceId}`],
    ],
    look,
  );
}

/** Four labels under which the bars stand; a label names the moment at its tick. */
function axis({ from, to }: Interval, { look, bars, timeline, nameColumns }: Drawing): string {
  const width = timeline.columns;
  const line = Array.from({ length: width }, () => bars.line);
  for (const share of [0, 0.25, 0.5, 0.75]) {
    const column = Math.floor(share * width);
    const label = ` ${formatDuration(timeline.timeAt(column) - from)} `;
    if (column + label.length + 1 > width * (share + 0.25)) continue;
    line.splice(column, label.length + 1, bars.tick, ...label);
  }
  return toLine([" ".repeat(nameColumns + 6), ["gray", line.join("")], ["gray", `  ${formatDuration(to - from)}`]], look);
}

function rowLine(row: Row, drawing: Drawing): string {
  const { look, bars, nameColumns } = drawing;
  const { step, isCritical, stretches } = row;
  const style = stateStyle(step.detail);
  return toLine(
    [
      isCritical ? ["bold", bars.mark] : " ",
      " ",
      stateSign(look, step.detail),
      " ",
      [isCritical ? "bold" : "reset", padEnd(toOneLine(row.id), nameColumns)],
      "  ",
      ...barParts(stretches, isCritical ? bars.critical : bars.working, style, drawing),
      ["gray", `  ${factsOf(row)}`],
    ],
    look,
  );
}

function moreLine({ text }: More, { look, nameColumns }: Drawing): string {
  return toLine([["gray", `    ${padEnd("…", nameColumns)}  ${text}`]], look);
}

/** One line for each attempt where there were several. */
function attemptLines({ attempts }: Row, drawing: Drawing): readonly string[] {
  if (attempts.length < 2) return [];
  const { look, bars, nameColumns, now } = drawing;
  return attempts.map((attempt) => {
    const { attributes, startedAt, endedAt, error } = attempt;
    const style = error === null ? "green" : "red";
    const number = `${attributes["troupe.attempt.number"]}`;
    return toLine(
      [
        ["gray", padEnd(`      attempt ${number}`, nameColumns + 6)],
        ...barParts([{ from: startedAt, to: endedAt ?? now, kind: "working" }], bars.working, style, drawing),
        ["gray", `  ${attemptFacts(attempt, now)}`],
      ],
      look,
    );
  });
}

/** The cells of a row, neighbours of one style together. Whatever happened gets at least one cell. */
function barParts(stretches: readonly Stretch[], working: string, style: Style, { bars, timeline }: Drawing): Part[] {
  const cells: (readonly [style: Style, sign: string])[] = Array.from({ length: timeline.columns }, () => ["reset", " "]);
  for (const { column } of timeline.folds) {
    for (let offset = 0; offset < FOLD_COLUMNS; offset++) if (column + offset < cells.length) cells[column + offset] = ["gray", bars.fold];
  }
  // Work is drawn last: a cell in which a step waited and ran shows that it ran.
  for (const { from, to, kind } of [...stretches].sort((one, other) => Number(one.kind === "working") - Number(other.kind === "working"))) {
    const start = Math.min(Math.floor(timeline.columnOf(from)), timeline.columns - 1);
    const end = Math.min(Math.max(start + 1, Math.round(timeline.columnOf(to))), timeline.columns);
    const cell = kind === "working" ? ([style, working] as const) : (["gray", bars[kind]] as const);
    for (let column = start; column < end; column++) cells[column] = cell;
  }
  const parts: [Style, string][] = [];
  for (const [cellStyle, sign] of cells) {
    const last = parts.at(-1);
    if (last !== undefined && last[0] === cellStyle) last[1] += sign;
    else parts.push([cellStyle, sign]);
  }
  return parts;
}

function factsOf({ step, stretches, attempts }: Row): string {
  if (step.cached) return "taken over";
  if (attempts.length === 0) return step.state;
  const of = (kind: Stretch["kind"]): number =>
    stretches.reduce((sum, { from, to, kind: other }) => sum + (other === kind ? to - from : 0), 0);
  const [workedMs, queuedMs] = [of("working"), of("queued")];
  return [
    formatDuration(workedMs),
    ...(queuedMs >= QUEUE_SHOWN_MS ? [`queued ${formatDuration(queuedMs)}`] : []),
    ...(attempts.length > 1 ? [plural(attempts.length, "attempt")] : []),
  ].join("  ");
}

function attemptFacts({ startedAt, endedAt, attributes }: Span, now: number): string {
  const why = attributes["error.type"] ?? attributes["troupe.attempt.outcome"] ?? "runs";
  return `${formatDuration((endedAt ?? now) - startedAt)}  ${toOneLine(String(why))}`;
}

/** Everything that is told at the end of a row's lines. */
function factsIn(row: Row, now: number): readonly string[] {
  return [factsOf(row), ...(row.attempts.length < 2 ? [] : row.attempts.map((attempt) => attemptFacts(attempt, now)))];
}

/** Shorter times in the queue are nothing that anybody could change. */
const QUEUE_SHOWN_MS = 100;

function foldLines(run: Span, { look, bars, timeline }: Drawing): readonly string[] {
  return timeline.folds.map(({ from, to }) => {
    const why = whyIdle(run, from, to);
    const text = `${bars.fold} ${formatDuration(to - from)} folded: ${why}, from ${timeText(from, to)} on`;
    return toLine([["gray", text]], look);
  });
}

/** What the run's own transitions tell about a time in which nothing ran. */
function whyIdle({ events }: Span, from: number, to: number): string {
  const names = new Set(events.filter(({ at }) => at >= from && at < to).map(({ name }) => name));
  if (names.has("run.paused")) return "it was paused";
  if (names.has("run.quarantined")) return "it waited for a person";
  return names.has("run.waiting") ? "it waited for a retry or an answer" : "nothing ran";
}

function legend(rows: readonly Row[], { look, bars }: Drawing): string {
  const has = (kind: Stretch["kind"]): boolean => rows.some(({ stretches }) => stretches.some((stretch) => stretch.kind === kind));
  const parts = [
    ...(rows.some(({ isCritical }) => isCritical) ? [`${bars.mark} ${bars.critical} critical path`] : []),
    ...(rows.some(({ isCritical, attempts }) => !isCritical && attempts.length > 0) ? [`${bars.working} ran`] : []),
    ...(has("queued") ? [`${bars.queued} queued`] : []),
    ...(has("waiting") ? [`${bars.waiting} waited`] : []),
  ];
  return toLine([["gray", parts.join("   ")]], look);
}
