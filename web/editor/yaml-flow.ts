/** Places within brackets: `{ id: a, needs: [b] }`. */
import { entriesOf, type Line, plain, withoutTexts } from "./yaml-lines.ts";
import { type Segment, trailTo, type YamlPlace } from "./yaml-trail.ts";

interface Flow {
  /** Row and column of the outermost bracket that is open. */
  readonly row: number;
  readonly column: number;
}

/** Where the brackets begin within which the cursor stands; null outside of any. They may span some lines. */
const FLOW_ROWS_MAX = 50;

export function flowBefore(lines: readonly Line[], row: number, before: string): Flow | null {
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

export function flowPlace(lines: readonly Line[], flow: Flow, text: string, position: number): YamlPlace | null {
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
