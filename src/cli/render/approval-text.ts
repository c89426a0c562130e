/** All that an approval is about, for the person who decides: nothing that its digest covers is left out. */
import { formatDuration } from "../../core/duration.ts";
import { isJsonObject, type Json } from "../../core/json.ts";
import type { PendingApproval } from "../../main/answer-shape.ts";
import { shellWord } from "../next-commands.ts";
import { type Part, toLine } from "./line.ts";
import type { Look } from "./look.ts";
import { shortRunId } from "./run-id.ts";
import { padEnd, toHarmless, toOneLine, wrap } from "./text.ts";
import { timeText } from "./value.ts";

const INDENT = "  ";

export function renderApproval({ run, step, attempt, digest, request }: PendingApproval, look: Look, now: number): string[] {
  const { workflow, definition, title, prompt, who, show, risk, notBy, expires, fields } = request;
  const head: Part[] = [["bold", toOneLine(title ?? step)], `  ${toOneLine(workflow)}/${step}  `, ["gray", shortRunId(run)]];
  if (attempt > 1) head.push(["yellow", `  attempt ${attempt}`]);
  const question = prompt.split("\n").flatMap((line) => wrap(toHarmless(line), look.textColumns - INDENT.length));
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ["who", [who.length === 0 ? "anybody who may approve" : who.map(toOneLine).join(", ")]],
    ["not", notBy === null ? [] : [`${toOneLine(notBy)}, who started the run`]],
    ["risk", [`${risk.level} (${risk.score})`, ...risk.reasons.map(reasonText)]],
    ["until", expires === null ? [] : [untilText(expires, now)]],
    ["fields", fieldTexts(fields)],
    ["shown", show === null ? [] : shownLines(show)],
    ["definition", [definition]],
    ["digest", [digest]],
  ];
  return [
    toLine(head, look),
    "",
    ...question.map((line) => INDENT + line),
    "",
    ...rows.flatMap(([name, lines]) => rowLines(name, lines, look)),
  ];
}

/** The commands that decide, with every field that the answer needs. */
export function renderDecisions({ run, step, request: { fields } }: PendingApproval, look: Look): string[] {
  const required = Array.isArray(fields?.required) ? (fields.required as readonly Json[]) : [];
  const given = required.map((name) => ` --field ${toOneLine(String(name))}=…`).join("");
  const who = `${shortRunId(run)} ${shellWord(step)}`;
  return [`troupe approve ${who}${given}`, `troupe reject ${who} --comment …`].map((line) => INDENT + look.paint("cyan", line));
}

const NAME_COLUMNS = 12;

/** Whole lines, however long: what is cut off has not been seen. */
function rowLines(name: string, lines: readonly string[], look: Look): string[] {
  return lines.map((line, index) => `${INDENT}${look.paint("gray", padEnd(index === 0 ? name : "", NAME_COLUMNS))}${toHarmless(line)}`);
}

function reasonText({ reason, score, error }: PendingApproval["request"]["risk"]["reasons"][number]): string {
  const why = error === undefined ? "" : ` (could not be evaluated: ${error})`;
  return toOneLine(`${score < 0 ? "" : "+"}${score} ${reason}${why}`);
}

function untilText({ at, otherwise, to }: NonNullable<PendingApproval["request"]["expires"]>, now: number): string {
  const atMs = Date.parse(at);
  const then =
    otherwise === "escalate"
      ? `then ${to.map(toOneLine).join(", ")} are asked`
      : otherwise === "approve"
        ? "then it is approved"
        : "then it is rejected";
  return `${timeText(atMs, now)} (${atMs > now ? `in ${formatDuration(atMs - now)}` : "over"}), ${then}`;
}

function fieldTexts(schema: PendingApproval["request"]["fields"]): readonly string[] {
  const properties = isJsonObject(schema?.properties) ? schema.properties : {};
  const required = Array.isArray(schema?.required) ? (schema.required as readonly Json[]) : [];
  return Object.entries(properties).map(
    ([name, property]) => `${toOneLine(name)}${required.includes(name) ? " (needed)" : ""}: ${JSON.stringify(property)}`,
  );
}

/** Maps by their members, so that each is found; everything else as JSON. */
function shownLines(show: Json): readonly string[] {
  if (!isJsonObject(show)) return jsonLines(show);
  return Object.entries(show).flatMap(([name, value]) => {
    const [first = "", ...rest] = jsonLines(value);
    return [`${toOneLine(name)}: ${first}`, ...rest];
  });
}

function jsonLines(value: Json): readonly string[] {
  const flat = JSON.stringify(value);
  return flat.length <= 80 ? [flat] : JSON.stringify(value, null, 2).split("\n");
}
