/**
 * Makes a value small enough to be shown. Secrets are not in the journal at all; what is cut here is size: a step's output may be a
 * megabyte, and nobody reads that in a list of events.
 */
import type { Json } from "../../src/core/json.ts";

const TEXT_MAX = 2_000;
const ITEMS_MAX = 50;
const DEPTH_MAX = 8;
/** Of the whole text that `clippedText` returns. */
const TOTAL_MAX = 32_000;

export function clip(value: Json, depth = 0): Json {
  if (typeof value === "string") return value.length <= TEXT_MAX ? value : `${wholeCharacters(value)}… (${value.length - TEXT_MAX} more)`;
  if (typeof value !== "object" || value === null) return value;
  if (depth === DEPTH_MAX) return Array.isArray(value) ? `[${value.length} items]` : `{${Object.keys(value).length} members}`;
  if (Array.isArray(value)) {
    const kept = value.slice(0, ITEMS_MAX).map((item: Json) => clip(item, depth + 1));
    return value.length <= ITEMS_MAX ? kept : [...kept, `… (${value.length - ITEMS_MAX} more)`];
  }
  const members = Object.entries(value);
  const kept = members.slice(0, ITEMS_MAX).map(([name, member]): [string, Json] => [clip(name) as string, clip(member as Json, depth + 1)]); // A text stays one.
  return Object.fromEntries(members.length <= ITEMS_MAX ? kept : [...kept, ["…", `${members.length - ITEMS_MAX} more`]]);
}

/** Indented JSON of the clipped value. */
export function clippedText(value: Json): string {
  const text = JSON.stringify(clip(value), null, 2);
  return text.length <= TOTAL_MAX ? text : `${wholeCharacters(text, TOTAL_MAX)}\n… (${text.length - TOTAL_MAX} more)`;
}

/** Does not cut a character of two code units in half. */
function wholeCharacters(text: string, max = TEXT_MAX): string {
  const last = text.charCodeAt(max - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max);
}
