/** The mappings and lists that hold what stands at a place of a YAML text, told by indentation. */
import { type Entry, entriesOf, indentOf, isBlank, type Line, plain } from "./yaml-lines.ts";

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

export interface Trail {
  readonly path: readonly Segment[];
  readonly around: readonly Readonly<Record<string, string>>[];
}

/** The keys and items above that hold what stands in this column of this row. */
export function trailTo(lines: readonly Line[], row: number, column: number, dashes: readonly Entry[]): Trail {
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
