/**
 * Where in a YAML document the cursor is: of which mapping a key is being written, or of which key a value. Read from the text as it stands,
 * unfinished as it is, by indentation and by brackets.
 *
 * P1 What cannot be told is answered with null: no completion is better than a wrong one.
 * P2 Only what stands before the cursor decides where it is; what stands behind tells which keys there are already.
 */
import { flowBefore, flowPlace } from "./yaml-flow.ts";
import { entriesOf, indentOf, type Line, linesOf, withoutTexts } from "./yaml-lines.ts";
import { trailTo, type YamlPlace } from "./yaml-trail.ts";

export function placeInYaml(text: string, position: number): YamlPlace | null {
  const lines = linesOf(text);
  const row = lines.findLastIndex(({ at }) => at <= position);
  const line = lines[row];
  if (line === undefined) return null;
  const before = line.text.slice(0, position - line.at);
  if (isInScalar(lines, row, before) || /(^|\s)#/.test(withoutTexts(before))) return null;
  const flow = flowBefore(lines, row, before);
  return flow === null ? blockPlace(lines, row, before, line, position) : flowPlace(lines, flow, text, position);
}

function blockPlace(lines: readonly Line[], row: number, before: string, line: Line, position: number): YamlPlace | null {
  const own = entriesOf(before);
  const key = own.find(({ kind }) => kind === "key");
  const dashes = own.filter(({ kind }) => kind === "item");
  if (key !== undefined) {
    const typed = /[^\s]*$/.exec(before)?.[0] ?? "";
    const trail = trailTo(lines, row, key.column, dashes);
    return { path: [...trail.path, key.key], kind: "value", typed, from: position - typed.length, hasColon: false, around: trail.around };
  }
  const typed = before.slice(indentOf(before)).replace(/^(?:-(?:\s+|$))*/, "");
  const column = before.length - typed.length;
  const trail = trailTo(lines, row, column, dashes);
  const hasColon = /^[\w-]*\s*:(\s|$)/.test(line.text.slice(before.length));
  return {
    path: trail.path,
    kind: "key",
    typed,
    from: line.at + column,
    hasColon,
    around: trail.around,
  };
}

/** Texts of several lines that `|` and `>` begin: nothing in them is YAML. */
function isInScalar(lines: readonly Line[], row: number, before: string): boolean {
  let edge = before.trim() === "" ? before.length : indentOf(before);
  for (let at = row - 1; at >= 0 && edge > 0; at--) {
    const text = lines[at]?.text ?? "";
    if (text.trim() === "" || indentOf(text) >= edge) continue;
    if (/(?:^|[:-]\s+)(?:[&!]\S+\s+)*[|>][+-]?\d?[+-]?\s*(?:#.*)?$/.test(text)) return true;
    edge = indentOf(text);
  }
  return false;
}
