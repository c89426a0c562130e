/** One problem as a person reads it: place, message, the lines around it, what to do, and the code to look up. */
import { formatPlace, type Place } from "../../core/place.ts";
import type { Look } from "./look.ts";
import { padStart, toHarmless, widthOf, wrap } from "./text.ts";

export interface Problem {
  readonly severity: "error" | "warning" | "note";
  readonly code: string;
  readonly message: string;
  readonly place?: Place;
  /** Text of the file that `place` points into; null when it cannot be read. */
  readonly source?: string | null;
  readonly fix?: string;
  readonly cause?: string;
}

const COLOURS = { error: "red", warning: "yellow", note: "cyan" } as const;

/** Lines shown above the one that is wrong. */
const CONTEXT_LINES = 2;
const INDENT = "  ";

export function renderProblem({ severity, code, message, place, source, fix, cause }: Problem, look: Look): string[] {
  const where = place === undefined ? "" : `${look.paint("bold", toHarmless(formatPlace(place)))} `;
  const label = look.paint(COLOURS[severity], severity);
  const [first = "", ...more] = toHarmless(message).split("\n");
  const lines = [`${where}${label} ${first} ${look.paint("gray", `(${code})`)}`, ...more.map((line) => INDENT + line)];
  if (place !== undefined && typeof source === "string") lines.push(...renderFrame(source, place, look));
  if (cause !== undefined) lines.push(...labelled("cause", cause, look));
  if (fix !== undefined) lines.push(...labelled("fix", fix, look));
  return lines;
}

function labelled(label: string, text: string, look: Look): string[] {
  const [first = "", ...more] = wrap(toHarmless(text), Math.max(30, look.textColumns - 8));
  return [`${INDENT}${look.paint("cyan", `${label}:`)} ${first}`, ...more.map((line) => `${INDENT}     ${line}`)];
}

/** The marked line with up to two before it, and a caret below the place. */
function renderFrame(source: string, { line, column, length = 1 }: Place, look: Look): string[] {
  const lines = source.replace(/^\ufeff/, "").split("\n");
  const from = Math.max(1, line - CONTEXT_LINES);
  const shown = lines.slice(from - 1, line);
  if (lines[line - 1] === undefined) return [];
  const gutter = String(line).length;
  const room = Math.max(10, look.textColumns - gutter - 6);
  const [text = "", caretAt] = window(lines[line - 1] ?? "", column, room);
  const marks = look.signs.caret.repeat(Math.max(1, Math.min(length, widthOf(text.slice(caretAt)), room - caretAt)));
  const row = (number: number, content: string): string =>
    `${INDENT}${look.paint("gray", `${padStart(String(number), gutter)} ${look.signs.bar}`)} ${content}`.trimEnd();
  return [
    ...shown.slice(0, -1).map((content, index) => row(from + index, window(content, 1, room)[0])),
    row(line, text),
    `${INDENT}${" ".repeat(gutter)} ${look.paint("gray", look.signs.bar)} ${" ".repeat(widthOf(text.slice(0, caretAt)))}${look.paint("red", marks)}`,
  ];
}

/** The part of a line around a column that fits, and where the column is in it. Tabs become two blanks. */
function window(line: string, column: number, room: number): readonly [text: string, at: number] {
  const flat = (part: string): string => toHarmless(part).replaceAll("\t", "  ");
  const before = flat(line.slice(0, column - 1));
  const after = flat(line.slice(column - 1));
  if (before.length + after.length <= room) return [before + after, before.length];
  const kept = before.length <= room / 2 ? before : `…${before.slice(before.length - Math.floor(room / 2))}`;
  return [`${(kept + after).slice(0, room - 1)}…`, kept.length];
}
