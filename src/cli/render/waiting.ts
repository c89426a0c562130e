/** Why a run or a step is where it is: a tree of what each waits for, how its attempts ended, and what its condition was made of. */
import { formatDuration } from "../../core/duration.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import type { AttemptReport } from "../../main/attempt-history.ts";
import type { Explanation } from "../explain.ts";
import type { NextCommand } from "../next-commands.ts";
import { type Part, toLine } from "./line.ts";
import { type Look, stateSign } from "./look.ts";
import { parkedText } from "./parked-text.ts";
import { padEnd, plural, toHarmless, toOneLine, widthOf, wrap } from "./text.ts";
import { shortValue, timeText } from "./value.ts";

export interface WaitingInput {
  readonly explanations: readonly Explanation[];
  /** The run's name, for the line that stands for the run itself. */
  readonly title: string;
  readonly now: number;
  /** What failed steps had to say beyond the title. */
  readonly details: ReadonlyMap<string, string>;
  /** Also the events that each would answer, and who brings them. */
  readonly isVerbose: boolean;
}

const VALUE_COLUMNS_MAX = 60;
/** Room that a line below an actor leaves for the tree. */
const TRUNK_COLUMNS = 5;

export function renderWaiting({ explanations, title, now, details, isVerbose }: WaitingInput, look: Look): string[] {
  const isSingle = explanations.length === 1;
  const columns = Math.max(0, ...explanations.slice(isSingle ? 0 : 1).map(({ actor }) => widthOf(actor)));
  const lines = explanations.flatMap((one, index) => {
    const isRun = one.actor === "run";
    const isLast = index === explanations.length - 1;
    const branch = isRun || isSingle ? "" : `${isLast ? look.signs.lastBranch : look.signs.branch} `;
    const trunk = isRun || isSingle ? "  " : isLast ? "     " : `${look.signs.trunk}   `;
    const name = isRun ? toOneLine(title) : padEnd(one.actor, columns);
    const parts: Part[] = [["gray", branch], stateSign(look, one.state), " ", ["bold", name], `  ${one.state}`];
    const what = whatFor(one, now);
    const [first = "", ...rest] = wrap(what, Math.max(30, look.columns - widthOf(branch + name + one.state) - 6));
    // What does not fit beside the name stands below it, whole.
    const fits = rest.length === 0;
    if (what !== "") parts.push(fits ? `: ${first}` : "");
    const below = [
      ...(fits ? [] : wrap(what, look.textColumns - TRUNK_COLUMNS)),
      ...belowActor(one, details.get(one.actor), isVerbose, look),
    ];
    return [
      toLine(parts, look),
      ...below.map((line) => (line === "" ? look.paint("gray", trunk).trimEnd() : look.paint("gray", trunk) + line)),
    ];
  });
  const commands = explanations.flatMap((one) => one.commands);
  return [...lines, ...commandLines(commands, look)];
}

function belowActor(one: Explanation, detail: string | undefined, isVerbose: boolean, look: Look): readonly string[] {
  const printed = one.lastLines.map((line) =>
    toLine([["gray", `${look.signs.bar} `], toHarmless(line)], look, look.columns - TRUNK_COLUMNS),
  );
  return [
    ...one.attempts.flatMap((attempt) => attemptLines(attempt, look)),
    // What a command printed last is the detail of its failure.
    ...(printed.length > 0 ? printed : detailLines(detail, look)),
    ...(one.condition === null ? [] : traceLines(one.condition, look)),
    ...(isVerbose ? transitionLines(one, look) : []),
  ];
}

function attemptLines({ attempt, outcome, failure, durationMs, repeated, delayMs, because }: AttemptReport, look: Look): readonly string[] {
  // The only attempt of a step that goes on says no more than the step's own line.
  if (outcome === null || (attempt === 1 && outcome === "succeeded" && because === null)) return [];
  // A time-out names its limit already.
  const took = durationMs === null || outcome === "timed_out" ? "" : ` after ${formatDuration(durationMs)}`;
  const what =
    failure === null
      ? outcome.replaceAll("_", " ")
      : `${toOneLine(failure.title).replace(/\.$/, "")}${took} (${failure.code}, ${failure.class})`;
  const head = `attempt ${attempt}  `;
  const next =
    repeated === null ? "" : repeated ? `repeated${delayMs === null ? "" : ` after ${formatDuration(delayMs)}`}: ` : "not repeated: ";
  const room = look.textColumns - TRUNK_COLUMNS - head.length;
  return [
    ...wrap(failure === null ? `${what}${took}` : what, room).map((line, index) => (index === 0 ? head : " ".repeat(head.length)) + line),
    ...(because === null ? [] : wrap(next + because, room).map((line) => look.paint("gray", " ".repeat(head.length) + line))),
  ];
}

function detailLines(detail: string | undefined, look: Look): readonly string[] {
  return detail === undefined ? [] : wrap(toHarmless(detail).trimEnd(), look.textColumns - TRUNK_COLUMNS);
}

function transitionLines({ transitions }: Explanation, look: Look): readonly string[] {
  if (transitions.length === 0) return [look.paint("gray", "answers nothing any more")];
  const columns = Math.max(...transitions.map(({ event }) => widthOf(readable(event))));
  return transitions.map(({ event, waitsFor }) =>
    toLine(["answers ", ["cyan", padEnd(readable(event), columns)], ["gray", `  from ${waitsFor}`]], look, look.columns - TRUNK_COLUMNS),
  );
}

/** Statechart names of delayed events read like code; the timer's name is what matters. */
function readable(event: string): string {
  return event.startsWith("xstate.after.") ? `timer ${event.split(".")[2]}` : event;
}

function commandLines(commands: readonly NextCommand[], look: Look): readonly string[] {
  if (commands.length === 0) return [];
  const columns = Math.max(...commands.map(({ command }) => command.length));
  const isBeside = columns + 30 <= look.columns;
  return [
    "",
    ...commands.flatMap(({ command, meaning }) =>
      isBeside
        ? [`${look.paint("cyan", padEnd(command, columns))}  ${look.paint("gray", meaning)}`]
        : [look.paint("gray", `# ${meaning}`), look.paint("cyan", command)],
    ),
  ];
}

function whatFor(one: Explanation, now: number): string {
  const { waitsFor, state, attempts } = one;
  switch (waitsFor.kind) {
    case "steps":
      return waitsFor.steps.length === 0 ? "" : `waits for ${waitsFor.steps.join(", ")}`;
    case "lock":
      return waitsFor.steps.length === 0
        ? ""
        : `waits until ${waitsFor.steps.join(", ")} ${waitsFor.steps.length === 1 ? "lets" : "let"} go of what both use`;
    case "place":
      return placeText(one);
    case "attempt": {
      const startedAt = attempts.findLast(({ attempt }) => attempt === waitsFor.attempt)?.startedAt ?? null;
      const since = startedAt === null ? "" : ` for ${formatDuration(Math.max(0, now - startedAt))}`;
      const limit = waitsFor.dueAt === null ? "" : `, time-out ${relative(waitsFor.dueAt, now)}`;
      return `attempt ${waitsFor.attempt} runs${since}${limit}${backText(one.handback)}`;
    }
    case "timer":
      return `next attempt ${relative(waitsFor.dueAt, now)}`;
    case "person":
      return `waits for a person: ${toOneLine(waitsFor.reason)}`;
    case "resume":
      return "waits to be resumed";
    case "answer": {
      const limit = waitsFor.dueAt === null ? "" : `, ${relative(waitsFor.dueAt, now)} at the latest`;
      return `${parkedText(waitsFor.parking as unknown as Json)}${limit}`; // A Parking holds nothing but JSON.
    }
    case "items":
      return `waits for ${waitsFor.open} of its ${plural(waitsFor.of, "item")}`;
    case "nothing":
      // The state has said that already.
      return waitsFor.reason === `it has ${state}` ? "" : toOneLine(waitsFor.reason);
    default:
      return "";
  }
}

/** Such as an open breaker, which is asked again at every dispatch. */
function backText(handback: Explanation["handback"]): string {
  return handback === null ? "" : `; the last dispatch was handed back: ${toOneLine(handback.reason)}`;
}

function placeText({ queue, handback }: Explanation): string {
  const back = backText(handback);
  if (queue === null) return `waits for a place among the running attempts${back}`;
  const { place, running, waiting, runLimit, runHolders } = queue;
  if (runLimit !== null)
    return `waits until ${runHolders.join(" or ")} ends: the run may have ${plural(runLimit, "attempt")} at once${back}`;
  const line = place === null ? `${plural(waiting, "step")} waiting for one` : `number ${place} of ${waiting} in the queue`;
  return `waits for a place: ${plural(running, "attempt")} running, ${line}${back}`;
}

/** Due times with the clock, so that a person need not add. */
function relative(at: number, now: number): string {
  return at <= now ? "is due" : `in ${formatDuration(at - now)} (${timeText(at, now)})`;
}

/** A condition and its parts, each with what it was. */
function traceLines(trace: JsonObject, look: Look, indent = ""): string[] {
  const { text, value, error, children } = trace;
  const outcome =
    typeof error === "string" ? toOneLine(error) : value === undefined ? "not evaluated" : shortValue(value, VALUE_COLUMNS_MAX);
  const style = typeof error === "string" ? "red" : value === true ? "green" : value === false ? "yellow" : "gray";
  const parts = Array.isArray(children) ? children.filter((child: Json): child is JsonObject => isJsonObject(child)) : [];
  const line = toLine([indent, toOneLine(String(text ?? "")), "  = ", [style, outcome]], look, look.columns - TRUNK_COLUMNS);
  return [line, ...parts.flatMap((child) => traceLines(child, look, `${indent}  `))];
}
