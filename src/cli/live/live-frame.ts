/** One picture of a running run: a line for the run, one for each step that matters now, the rest folded by waves. Pure. */
import { formatDuration } from "../../core/duration.ts";
import { parseItemId } from "../../core/item-id.ts";
import { type Part, toLine } from "../render/line.ts";
import { type Look, stateSign, stateStyle } from "../render/look.ts";
import { shortRunId } from "../render/run-id.ts";
import { padEnd, plural, toOneLine, widthOf } from "../render/text.ts";
import type { Forecast } from "./forecast.ts";
import { isAtRest, type LiveRun, type LiveStep } from "./live-model.ts";

export interface FrameInput {
  readonly runId: string;
  readonly name: string;
  readonly run: LiveRun;
  /** Ids in the order of the waves. */
  readonly waves: readonly (readonly string[])[];
  readonly needs: ReadonlyMap<string, readonly string[]>;
  readonly p50Ms: ReadonlyMap<string, number>;
  readonly lastLines: ReadonlyMap<string, string>;
  readonly forecast: Forecast;
  readonly now: number;
  readonly rows: number;
  /** What the person at the keyboard should know, such as how to force the end. */
  readonly hint: string | null;
}

/** Names longer than this are cut: what a step does now is worth more. */
const NAME_COLUMNS_MAX = 28;

export function renderFrame(input: FrameInput, look: Look): string[] {
  const room = Math.max(1, input.rows - 2 - (input.hint === null ? 0 : 1));
  const ids = input.waves.flat();
  const columns = Math.min(NAME_COLUMNS_MAX, Math.max(...ids.map(widthOf)), Math.floor(look.columns / 3));
  const body = ids.length <= room ? ids.map((id) => stepLine(id, input, columns, look)) : foldedLines(input, columns, room, look);
  // One column is left free, so that no terminal wraps.
  return [head(input, look), ...body, ...(input.hint === null ? [] : [toLine([["yellow", input.hint]], look, look.columns - 1)])];
}

function head({ runId, name, run, forecast, now }: FrameInput, look: Look): string {
  // A fan-out is one step: its items are told on its line.
  const steps = [...run.steps.values()].filter(({ id }) => parseItemId(id) === null);
  const done = steps.filter(({ state }) => isAtRest(state)).length;
  const elapsed = run.startedAt === null ? 0 : (run.endedAt ?? now) - run.startedAt;
  const frame = look.signs.spinner[Math.floor(now / 100) % look.signs.spinner.length] ?? "";
  const isMoving = run.state.startsWith("running.") && run.state !== "running.paused";
  const parts: Part[] = [
    isMoving ? ["cyan", frame] : stateSign(look, run.state),
    " ",
    ["bold", toOneLine(name)],
    `  ${done}/${steps.length} steps  ${forecast.percent} %  ${runningTime(elapsed)}`,
  ];
  if (forecast.remainingMs !== null && isMoving) parts.push(["gray", `  about ${runningTime(forecast.remainingMs)} left`]);
  if (run.state !== "running.executing") parts.push(["yellow", `  ${words(run.state)}`]);
  parts.push(["gray", `  ${shortRunId(runId)}`]);
  return toLine(parts, look, look.columns - 1);
}

/** A clock that ticks in tenths and then in seconds; milliseconds would only flicker. */
function runningTime(ms: number): string {
  return ms < 9_950 ? `${(Math.max(0, ms) / 1_000).toFixed(1)} s` : formatDuration(ms);
}

function words(state: string): string {
  return state.slice(state.indexOf(".") + 1);
}

function stepLine(id: string, input: FrameInput, columns: number, look: Look): string {
  const step = input.run.steps.get(id);
  if (step === undefined) return "";
  const name = padEnd(fitName(id, columns), columns);
  const isQuiet = isAtRest(step.state) || step.state.startsWith("pending");
  return toLine(
    ["  ", stateSign(look, step.state), " ", isQuiet ? ["gray", name] : name, "  ", ...details(step, input)],
    look,
    look.columns - 1,
  );
}

function fitName(id: string, columns: number): string {
  return id.length <= columns ? id : `${id.slice(0, columns - 1)}…`;
}

function details(step: LiveStep, { now, p50Ms, lastLines, needs, run }: FrameInput): Part[] {
  const { state, attempt, startedAt, workMs, dueAt, reason, isCarried, report, id } = step;
  const repeated: Part = attempt > 1 ? ["yellow", `attempt ${attempt}  `] : "";
  if (state === "retrying") {
    const left = dueAt === null ? 0 : Math.max(0, dueAt - now);
    return [
      ["yellow", `again in ${runningTime(left)}`],
      ["gray", reason === null ? "" : `  ${toOneLine(reason)}`],
    ];
  }
  if (state === "running.parked") return [repeated, ["yellow", report ?? ""]];
  if (state === "running.fanned") {
    const items = [...run.steps.values()].filter((item) => item.id.startsWith(`${id}[`));
    const failed = items.filter((item) => item.state === "failed").length;
    const done = items.filter((item) => isAtRest(item.state)).length;
    const time = startedAt === null ? "" : runningTime(now - startedAt);
    return [`${done}/${plural(step.items ?? items.length, "item")}  ${time}`, ["red", failed === 0 ? "" : `  ${failed} failed`]];
  }
  if (state.startsWith("running.")) {
    const usual = p50Ms.get(id);
    const line = report ?? lastLines.get(id);
    const stopping: Part =
      state === "running.stopping" ? ["yellow", "stopping  "] : state === "running.waiting" ? ["gray", "waits for a place  "] : "";
    const time = startedAt === null ? "" : runningTime(now - startedAt);
    return [
      repeated,
      stopping,
      time,
      ["gray", usual === undefined ? "" : ` of ${formatDuration(usual)}`],
      ["gray", line === undefined ? "" : `  ${toOneLine(line)}`],
    ];
  }
  if (state === "succeeded") {
    if (isCarried) return [["gray", "taken over"]];
    return [repeated, ["gray", startedAt === null ? "" : formatDuration(workMs)]];
  }
  if (state === "pending.blocked") {
    const open = (needs.get(id) ?? []).filter((need) => !isAtRest(run.steps.get(need)?.state ?? ""));
    return [["gray", open.length === 0 ? "" : `waits for ${open.join(", ")}`]];
  }
  if (state === "pending.queued") return [["gray", "waits for a place"]];
  return [[state === "skipped" ? "gray" : stateStyle(state), toOneLine(reason ?? state)]];
}

/** Waves in which nothing moves become one line; neighbours in the same condition share it. */
function foldedLines(input: FrameInput, columns: number, room: number, look: Look): string[] {
  const { waves, run } = input;
  const blocks: { readonly kind: "done" | "moving" | "ahead"; readonly ids: string[]; readonly from: number; to: number }[] = [];
  for (const [index, ids] of waves.entries()) {
    const kind = kindOf(ids, run);
    const last = blocks.at(-1);
    if (last?.kind === kind) {
      last.ids.push(...ids);
      last.to = index + 1;
    } else blocks.push({ kind, ids: [...ids], from: index + 1, to: index + 1 });
  }
  const fold = ({ kind, ids, from, to }: (typeof blocks)[number]): string => {
    const waves = from === to ? `wave ${from}` : `waves ${from}-${to}`;
    return toLine(
      [
        "  ",
        [
          "gray",
          `${kind === "done" ? look.signs.state.succeeded : look.signs.state.pending} ${waves}: ${kind === "done" ? tally(ids, run) : `${plural(ids.length, "step")} ahead`}`,
        ],
      ],
      look,
      look.columns - 1,
    );
  };
  const folds = blocks.filter(({ kind }) => kind !== "moving").length;
  const moving = blocks.filter(({ kind }) => kind === "moving").flatMap(({ ids }) => ids);
  const shown = new Set(chosen(moving, run, Math.max(1, room - folds - 1)));
  const hidden = moving.length - shown.size;
  const lines = blocks.flatMap((block) =>
    block.kind === "moving" ? block.ids.filter((id) => shown.has(id)).map((id) => stepLine(id, input, columns, look)) : [fold(block)],
  );
  return hidden === 0
    ? lines
    : [...lines, toLine(["  ", ["gray", `  and ${plural(hidden, "more step")} in these waves`]], look, look.columns - 1)];
}

function kindOf(ids: readonly string[], run: LiveRun): "done" | "moving" | "ahead" {
  const states = ids.map((id) => run.steps.get(id)?.state ?? "pending.blocked");
  if (states.every(isAtRest)) return states.some((state) => state === "failed") ? "moving" : "done";
  return states.every((state) => state === "pending.blocked") ? "ahead" : "moving";
}

/** Those that run or went wrong first, then those that wait, then those that are done. */
function chosen(ids: readonly string[], run: LiveRun, room: number): readonly string[] {
  const rank = (id: string): number => {
    const state = run.steps.get(id)?.state ?? "";
    if (state.startsWith("running.") || state === "retrying" || state === "quarantined") return 0;
    if (state === "failed") return 1;
    return state === "pending.queued" ? 2 : state === "pending.blocked" ? 3 : 4;
  };
  return ids.toSorted((one, other) => rank(one) - rank(other)).slice(0, room);
}

function tally(ids: readonly string[], run: LiveRun): string {
  const counts = Map.groupBy(ids, (id) => run.steps.get(id)?.state ?? "");
  return [...counts].map(([state, { length }]) => `${length} ${state}`).join(", ");
}
