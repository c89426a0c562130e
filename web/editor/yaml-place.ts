/**
 * Where in a YAML document the cursor is: of which mapping a key is being written, or of which key a value. Read from the text as it stands,
 * unfinished as it is, by indentation and by brackets.
 *
 * P1 What cannot be told is answered with null: no completion is better than a wrong one.
 * P2 Only what stands before the cursor decides where it is; what stands behind tells which keys there are already.
 */
export type Segment = string | number;

export interface YamlPlace {
  /** From the document's root to the mapping whose key is written, or to the key whose value is. */
  readonly path: readonly Segment[];
  readonly kind: "key" | "value";
  /** What was typed of it so far, and where it begins. */
  readonly typed: string;
  readonly from: number;
  /** For a key: that the colon is there already. */
  readonly hasColon: boolean;
  /** Plain values that are known of each mapping on the way, from the root's to the innermost: what decides about further keys. */
  readonly around: readonly Readonly<Record<string, string>>[];
}

interface Line {
  readonly text: string;
  readonly at: number;
}

interface Entry {
  /** Column in which it begins. */
  readonly column: number;
  readonly kind: "key" | "item";
  readonly key: string;
  readonly value: string;
}

const KEY = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s#\-{}[\],&*!|>'"%@`:][^#{}[\],]*?|-[^\s][^#{}[\],]*?))\s*:(?=\s|$)/;

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

function linesOf(text: string): readonly Line[] {
  let at = 0;
  return text.split("\n").map((one) => {
    const line = { text: one, at };
    at += one.length + 1;
    return line;
  });
}

/** Keys and dashes with which a line begins, from the left. */
function entriesOf(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  let column = indentOf(text);
  let rest = text.slice(column);
  for (let dash = /^-(\s+|$)/.exec(rest); dash !== null; dash = /^-(\s+|$)/.exec(rest)) {
    entries.push({ column, kind: "item", key: "", value: "" });
    column += dash[0].length;
    rest = rest.slice(dash[0].length);
  }
  const found = KEY.exec(rest);
  if (found !== null) {
    const value = rest.slice(found[0].length).trim();
    entries.push({ column, kind: "key", key: found[1] ?? found[2] ?? found[3] ?? "", value });
  }
  return entries;
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
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
  const isItemValue = dashes.length > 0 && !/^\s*:/.test(line.text.slice(before.length));
  const hasColon = /^[\w-]*\s*:(\s|$)/.test(line.text.slice(before.length));
  // After a dash both may come: the mapping's first key, or a plain value. The path of both is the same.
  return {
    path: trail.path,
    kind: isItemValue && trail.path.at(-1) === undefined ? "value" : "key",
    typed,
    from: line.at + column,
    hasColon,
    around: trail.around,
  };
}

interface Trail {
  readonly path: readonly Segment[];
  readonly around: readonly Readonly<Record<string, string>>[];
}

/** The keys and items above that hold what stands in this column of this row. */
function trailTo(lines: readonly Line[], row: number, column: number, dashes: readonly Entry[]): Trail {
  const path: Segment[] = [];
  const around: Record<string, string>[] = [siblingsOf(lines, row, column)];
  let edge = column;
  for (const dash of dashes.toReversed()) {
    path.unshift(itemsBefore(lines, row, dash.column));
    edge = dash.column;
  }
  let isItem = dashes.length > 0;
  for (let at = row - 1; at >= 0 && (edge > 0 || isItem); at--) {
    const text = lines[at]?.text ?? "";
    if (isBlank(text)) continue;
    const entries = entriesOf(text);
    for (const entry of entries.toReversed()) {
      // A list may stand in the column of its key.
      const isHolder = entry.kind === "key" ? entry.column < edge || (isItem && entry.column === edge) : entry.column < edge;
      if (!isHolder || (entry.kind === "key" && entry.value !== "" && !/^[&!]/.test(entry.value) && !entry.value.startsWith("#"))) continue;
      if (entry.kind === "key") {
        path.unshift(entry.key);
        around.unshift(siblingsOf(lines, at, entry.column));
      } else path.unshift(itemsBefore(lines, at, entry.column));
      edge = entry.column;
      isItem = entry.kind === "item";
    }
    if (entries.length === 0 && indentOf(text) < edge) edge = indentOf(text);
  }
  return { path, around };
}

/** How many items of the same list stand above. */
function itemsBefore(lines: readonly Line[], row: number, column: number): number {
  let count = 0;
  for (let at = row - 1; at >= 0; at--) {
    const text = lines[at]?.text ?? "";
    if (isBlank(text)) continue;
    const item = entriesOf(text).find((entry) => entry.kind === "item" && entry.column === column);
    if (item !== undefined) count++;
    else if (indentOf(text) <= column) break;
  }
  return count;
}

/** Keys with their plain values that stand in the same mapping. */
function siblingsOf(lines: readonly Line[], row: number, column: number): Record<string, string> {
  const found: Record<string, string> = {};
  const take = (at: number): "on" | "stop" => {
    const text = lines[at]?.text ?? "";
    if (isBlank(text)) return "on";
    const entries = entriesOf(text);
    const key = entries.find((entry) => entry.kind === "key" && entry.column === column);
    if (key !== undefined) found[key.key] = plain(key.value);
    // An item further to the left begins another mapping.
    const isEdge = indentOf(text) < column;
    return isEdge ? "stop" : "on";
  };
  take(row);
  if (!(indentOf(lines[row]?.text ?? "") < column && entriesOf(lines[row]?.text ?? "").some(({ kind }) => kind === "item")))
    for (let at = row - 1; at >= 0 && take(at) === "on"; at--);
  for (let at = row + 1; at < lines.length; at++) {
    const text = lines[at]?.text ?? "";
    if (!isBlank(text) && indentOf(text) < column) break;
    take(at);
  }
  return found;
}

function plain(value: string): string {
  return value.replace(/\s+#.*$/, "").replace(/^(["'])(.*)\1$/, "$2");
}

function isBlank(text: string): boolean {
  return /^\s*(#|$)/.test(text);
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

/** The text with what stands between quotes taken out. */
function withoutTexts(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?/g, (found) => "_".repeat(found.length));
}

interface Flow {
  /** Row and column of the outermost bracket that is open. */
  readonly row: number;
  readonly column: number;
}

/** Where the brackets begin within which the cursor stands; null outside of any. They may span some lines. */
const FLOW_ROWS_MAX = 50;

function flowBefore(lines: readonly Line[], row: number, before: string): Flow | null {
  for (let first = row; first >= Math.max(0, row - FLOW_ROWS_MAX); first--) {
    const begin = withoutTexts(lines[first]?.text ?? "");
    const open = /(?:^|[:\s-])([{[])/.exec(begin);
    if (open === null) continue;
    const column = open.index + open[0].length - 1;
    const between = lines.slice(first, row).map(({ text }) => text);
    const all = [...between, before].join("\n").slice(column);
    if (all !== "" && depthOf(withoutTexts(all)) > 0) return { row: first, column };
    if (first < row && depthOf(withoutTexts(all)) <= 0 && all !== "") return null;
  }
  return null;
}

function depthOf(text: string): number {
  let depth = 0;
  // `{{ … }}` is an expression, no mapping.
  for (const char of text.replace(/\{\{|\}\}/g, "__")) {
    if (char === "{" || char === "[") depth++;
    if (char === "}" || char === "]") depth--;
    if (depth === 0) return 0;
  }
  return depth;
}

interface Level {
  readonly kind: "map" | "list";
  key: string | null;
  index: number;
  readonly known: Record<string, string>;
}

function flowPlace(lines: readonly Line[], flow: Flow, text: string, position: number): YamlPlace | null {
  const line = lines[flow.row];
  if (line === undefined) return null;
  const begin = line.at + flow.column;
  const own = entriesOf(line.text.slice(0, flow.column));
  const key = own.find(({ kind }) => kind === "key");
  const dashes = own.filter(({ kind }) => kind === "item");
  const trail = trailTo(lines, flow.row, key?.column ?? flow.column, dashes);
  const path: Segment[] = [...trail.path, ...(key === undefined ? [] : [key.key])];
  const levels: Level[] = [];
  let token = begin;
  const inside = withoutTexts(text.slice(begin, position)).replace(/\{\{.*?(\}\}|$)/g, (found) => "_".repeat(found.length));
  const close = (end: number): void => {
    const level = levels.at(-1);
    if (level?.kind === "map" && level.key !== null) level.known[level.key] = plain(text.slice(token, end).trim());
  };
  for (let index = 0; index < inside.length; index++) {
    const char = inside[index];
    const level = levels.at(-1);
    if (char === "{" || char === "[") levels.push({ kind: char === "{" ? "map" : "list", key: null, index: 0, known: {} });
    else if (char === "}" || char === "]") {
      close(begin + index);
      levels.pop();
    } else if (char === ",") {
      close(begin + index);
      if (level !== undefined) {
        level.key = null;
        level.index++;
      }
    } else if (char === ":" && level?.kind === "map" && level.key === null && /^(\s|$)/.test(inside.slice(index + 1)))
      level.key = plain(text.slice(token, begin + index).trim());
    else continue;
    token = begin + index + 1;
  }
  const innermost = levels.at(-1);
  if (innermost === undefined) return null;
  for (const level of levels) {
    if (level === innermost && level.kind === "map" && level.key === null) break;
    path.push(level.kind === "list" ? level.index : (level.key ?? ""));
  }
  const typed = text.slice(token, position).trimStart();
  readBehind(text.slice(position), innermost);
  return {
    path,
    kind: innermost.kind === "map" && innermost.key === null ? "key" : "value",
    typed,
    from: position - typed.length,
    hasColon: /^[\w-]*\s*:/.test(text.slice(position)),
    around: [...trail.around, ...levels.filter(({ kind }) => kind === "map").map(({ known }) => known)],
  };
}

/** Keys behind the cursor, as far as this mapping goes. */
function readBehind(text: string, level: Level): void {
  if (level.kind !== "map") return;
  let depth = 0;
  let end = 0;
  const bare = withoutTexts(text.slice(0, 2_000));
  for (; end < bare.length && depth >= 0; end++) {
    if (bare[end] === "{" || bare[end] === "[") depth++;
    if (bare[end] === "}" || bare[end] === "]") depth--;
  }
  for (const [, name = "", value = ""] of bare.slice(0, end).matchAll(/[,\s]([\w-]+)\s*:\s*([^,{}[\]\n]*)/g))
    level.known[name] ??= value.trim();
}
