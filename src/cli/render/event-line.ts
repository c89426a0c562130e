/** One event as a line: for logs of CI jobs, and for `troupe events`. */
import type { EventView } from "../../contract/event-view.ts";
import { formatDuration } from "../../core/duration.ts";
import { isJsonObject } from "../../core/json.ts";
import { reasonOf } from "../live/live-model.ts";
import { type Part, toLine } from "./line.ts";
import { type Look, stateSign, stateStyle } from "./look.ts";
import { parkedText } from "./parked-text.ts";
import { padEnd, padStart, plural, toOneLine } from "./text.ts";

/** Transitions that say nothing a person waits for. */
const QUIET = new Set(["run.created", "run.finishing", "run.progress", "step.ready", "step.queued", "step.progress", "attempt.orphaned"]);

const WORDS: Readonly<Record<string, string>> = {
  "step.cached": "taken over",
  "step.queued": "not begun",
  "step.timed_out": "ran out of time",
  "step.stopping": "stopping",
  "attempt.started": "started",
  "attempt.lost": "was lost with its engine",
  "run.timed_out": "ran out of time",
};

/** What a run prints while it runs where no live view can be drawn; null for what nobody waits for. */
export function progressLine(event: EventView, startedAt: number, look: Look): string | null {
  const { stepId, to = "" } = event;
  if (isQuiet(event)) return null;
  const since = padStart(`+${formatDuration(Math.max(0, Date.parse(event.at) - startedAt))}`, 9);
  const parts: Part[] = [["gray", since], " ", stateSign(look, to), " ", ["bold", stepId ?? "run"], ...told(event)];
  return toLine(parts, look, Number.POSITIVE_INFINITY);
}

function isQuiet(event: EventView): boolean {
  const { type, to } = event;
  if (QUIET.has(type)) return !isPutBack(event);
  return isBreath(event) || isCarriedEnd(event) || (type === "step.started" && to !== "running.executing");
}

/** An attempt that never began goes back into the queue, and says why. */
function isPutBack({ type, from = "" }: EventView): boolean {
  return type === "step.queued" && from.startsWith("running.");
}

/** A run rests while a retry waits, and wakes for it: the line of the retry has said both. Who was paused was resumed by somebody. */
function isBreath({ type, from }: EventView): boolean {
  return type === "run.waiting" || (type === "run.resumed" && from === "running.waiting");
}

/** A result that is taken over passes through running; the line before has said where it comes from. */
function isCarriedEnd({ type, data }: EventView): boolean {
  return type === "step.succeeded" && !isJsonObject(data.usage) && data.by === undefined;
}

function told(event: EventView): Part[] {
  const said = special(event);
  return said === null ? [` ${verb(event.type)}`, ...tail(event)] : [` ${said}`];
}

function verb(type: string): string {
  return WORDS[type] ?? type.slice(type.indexOf(".") + 1).replaceAll("_", " ");
}

/** What only some transitions have to say, in place of their verb and figures. */
function special({ type, data }: EventView): string | null {
  if (type === "step.waiting") return parkedText(isJsonObject(data.until) ? data.until.parking : undefined);
  if (type === "step.expanded" && Array.isArray(data.keys)) return `fans out into ${plural(data.keys.length, "item")}`;
  return null;
}

function tail({ type, data, attempt }: EventView): Part[] {
  const reason = reasonOf(data);
  const parts: Part[] = [];
  if ((attempt ?? 0) > 1 && type.endsWith("started")) parts.push(` (attempt ${attempt})`);
  const usage = isJsonObject(data.usage) ? data.usage : {};
  if (typeof usage.startedAt === "number" && typeof usage.endedAt === "number")
    parts.push(["gray", ` after ${formatDuration(usage.endedAt - usage.startedAt)}`]);
  if (type === "step.retrying" && typeof data.delayMs === "number") parts.push(`, again in ${formatDuration(data.delayMs)}`);
  if (reason !== null && type !== "step.succeeded") parts.push(`: ${toOneLine(reason)}`);
  return parts;
}

/** Room for the state before, too. */
const WIDE_COLUMNS = 110;

/** Every transition, with its number and states. */
export function eventLine(event: EventView, look: Look): string {
  const { seq, at, type, stepId, from = "", to = "", attempt } = event;
  const reason = reasonOf(event.data);
  // Where there is room; the step's line before has told it already.
  const before = from === "" || from === to || look.columns < WIDE_COLUMNS ? "" : `${from} `;
  const move = `${before}${look.signs.arrow} ${to}`;
  const parts: Part[] = [
    ["gray", `${padStart(String(seq), 5)}  ${at.slice(11, 23)}  `],
    [stateStyle(to), padEnd(type, 18)],
    ` ${padEnd(stepId ?? "run", 16)} `,
    ["gray", move],
    attempt === undefined ? "" : ["gray", `  attempt ${attempt}`],
    reason === null ? "" : `  ${toOneLine(reason)}`,
  ];
  return toLine(parts, look);
}
