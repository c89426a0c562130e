/** Scalars of the quick reader: what a text on one line means, or that somebody else has to say. */
import type { JsonPrimitive } from "../core/json.ts";

/** Stands for "not for the quick reader". */
export const UNSURE = Symbol("unsure");

const KEYWORDS: Readonly<Record<string, JsonPrimitive>> = Object.assign(Object.create(null), {
  "~": null,
  null: null,
  Null: null,
  NULL: null,
  true: true,
  True: true,
  TRUE: true,
  false: false,
  False: false,
  FALSE: false,
});
const DECIMAL = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;
/** Octal, hexadecimal, infinities: rare, and left to the one who knows them all. */
const OTHER_NUMBER = /^[-+]?(?:0[ox]|\.)/;

/** The value of a plain scalar by the core schema. */
export function plainValue(text: string): JsonPrimitive | typeof UNSURE {
  const code = text.charCodeAt(0);
  const isWord = (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 126;
  if (isWord) return isKeywordLike(text) && text in KEYWORDS ? (KEYWORDS[text] as JsonPrimitive) : text; // `in` has just found it
  if (DECIMAL.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) && (Number.isSafeInteger(value) || !Number.isInteger(value)) ? value : UNSURE;
  }
  return OTHER_NUMBER.test(text) ? UNSURE : text;
}

/** A look at length and last letter spares most words the look into the table. */
function isKeywordLike(text: string): boolean {
  const { length } = text;
  if (length < 4 || length > 5) return length === 1;
  const last = text.charCodeAt(length - 1) | 0x20;
  return last === 0x65 || last === 0x6c; // true, false and null end in e or l.
}

/** The value of a quoted scalar with its quotes. */
export function quotedValue(text: string): string | typeof UNSURE {
  const body = text.slice(1, -1);
  if (text.charCodeAt(0) === 39) return body.replaceAll("''", "'");
  if (!body.includes("\\")) return body;
  // The escapes that YAML and JSON share mean the same in both.
  return /\\[^"\\/bfnrtu]|\\u(?![0-9a-fA-F]{4})/.test(body.replaceAll("\\\\", "__"))
    ? UNSURE
    : (JSON.parse(text.replaceAll("\t", "\\t")) as string);
}

/** The value of a literal block from its lines without indent. */
export function literalValue(lines: readonly string[], strips: boolean): string {
  let end = lines.length;
  while (end > 0 && lines[end - 1] === "") end--;
  if (end === 0) return "";
  return `${lines.slice(0, end).join("\n")}${strips ? "" : "\n"}`;
}
