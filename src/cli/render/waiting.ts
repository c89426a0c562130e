/** Why a run or a step is where it is: a tree of what each waits for, with the condition's parts and their values. */
import { formatDuration } from "../../core/duration.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import type { Project } from "../../main/project-shape.ts";
import { type Part, toLine } from "./line.ts";
import { type Look, stateSign } from "./look.ts";
import { padEnd, toHarmless, toOneLine, widthOf, wrap } from "./text.ts";
import { shortValue } from "./value.ts";

export type Waiting = ReturnType<Project["why"]>[number];

export interface WaitingInput {
  readonly waiting: readonly Waiting[];
  /** The run's name, for the line that stands for the run itself. */
  readonly title: string;
  readonly now: number;
  /** What failed steps had to say beyond the title. */
  readonly details: ReadonlyMap<string, string>;
  /** Also the events that each would answer. */
  readonly isVerbose: boolean;
}

const VALUE_COLUMNS_MAX = 60;

export function renderWaiting({ waiting, title, now, details, isVerbose }: WaitingInput, look: Look): string[] {
  const isSingle = waiting.length === 1;
  const columns = Math.max(0, ...waiting.slice(isSingle ? 0 : 1).map(({ actor }) => widthOf(actor)));
  return waiting.flatMap((one, index) => {
    const isRun = one.actor === "run";
    const isLast = index === waiting.length - 1;
    const branch = isRun || isSingle ? "" : `${isLast ? look.signs.lastBranch : look.signs.branch} `;
    const trunk = isRun || isSingle ? "  " : isLast ? "     " : `${look.signs.trunk}   `;
    const name = isRun ? toOneLine(title) : padEnd(one.actor, columns);
    const parts: Part[] = [["gray", branch], stateSign(look, one.state), " ", ["bold", name], `  ${one.state}`];
    const what = whatFor(one, now);
    if (what !== "") parts.push(": ", what);
    const more = [
      ...detailLines(details.get(one.actor), look),
      ...(one.condition === null ? [] : traceLines(one.condition, look)),
      ...(isVerbose ? [toLine([["gray", `answers ${one.enabled.map(readable).join(", ") || "nothing"}`]], look)] : []),
    ];
    return [toLine(parts, look), ...more.map((line) => look.paint("gray", trunk) + line)];
  });
}

function detailLines(detail: string | undefined, look: Look): readonly string[] {
  return detail === undefined ? [] : wrap(toHarmless(detail).trimEnd(), look.textColumns - 5);
}

/** Statechart names of delayed events read like code; the timer's name is what matters. */
function readable(event: string): string {
  return event.startsWith("xstate.after.") ? `timer ${event.split(".")[2]}` : event;
}

function whatFor({ waitsFor, state }: Waiting, now: number): string {
  switch (waitsFor.kind) {
    case "steps":
      return waitsFor.steps.length === 0 ? "" : `waits for ${waitsFor.steps.join(", ")}`;
    case "lock":
      return waitsFor.steps.length === 0
        ? ""
        : `waits until ${waitsFor.steps.join(", ")} ${waitsFor.steps.length === 1 ? "lets" : "let"} go of what both use`;
    case "place":
      return "waits for a place among the running attempts";
    case "attempt":
      return `attempt ${waitsFor.attempt} runs${waitsFor.dueAt === null ? "" : `, time-out ${relative(waitsFor.dueAt, now)}`}`;
    case "timer":
      return `next attempt ${relative(waitsFor.dueAt, now)}`;
    case "person":
      return `waits for a person: ${toOneLine(waitsFor.reason)}`;
    case "resume":
      return "waits to be resumed";
    case "nothing":
      // The state has said that already.
      return waitsFor.reason === `it has ${state}` ? "" : toOneLine(waitsFor.reason);
  }
}

function relative(at: number, now: number): string {
  return at <= now ? "is due" : `in ${formatDuration(at - now)}`;
}

/** A condition and its parts, each with what it was. */
function traceLines(trace: JsonObject, look: Look, indent = ""): string[] {
  const { text, value, error, children } = trace;
  const outcome =
    typeof error === "string" ? toOneLine(error) : value === undefined ? "not evaluated" : shortValue(value, VALUE_COLUMNS_MAX);
  const style = typeof error === "string" ? "red" : value === true ? "green" : value === false ? "yellow" : "gray";
  const parts = Array.isArray(children) ? children.filter((child: Json): child is JsonObject => isJsonObject(child)) : [];
  const line = toLine([indent, toOneLine(String(text ?? "")), "  = ", [style, outcome]], look, look.columns - 5);
  return [line, ...parts.flatMap((child) => traceLines(child, look, `${indent}  `))];
}
