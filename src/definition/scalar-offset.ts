/** From an offset inside a scalar's value to the offset in the text where that character stands. */
import type { ScalarNode } from "./source-node.ts";

/**
 * Folding, indentation and line ends only ever change white space, so the n-th visible character of the value is the n-th visible
 * one of the text; escapes are told by their length. Exact for every visible character, whatever the style.
 */
export function textOffset(text: string, node: ScalarNode, offset: number): number {
  const { style, value } = node;
  if (typeof value !== "string" || style === "made") return node.start;
  if (style === "plain" && !text.slice(node.start, node.end).includes("\n")) return Math.min(node.start + offset, node.end);
  let visible = countVisible(value, offset);
  let at = contentStart(text, node);
  for (;;) {
    at = skipWhiteSpace(text, at, node);
    if (visible <= 0 || at >= node.end) return Math.min(at, Math.max(node.start, node.end - 1));
    const [length, units] = characterAt(text, at, style);
    at += length;
    visible -= units;
  }
}

function countVisible(value: string, end: number): number {
  let count = 0;
  for (let index = 0; index < end && index < value.length; index++) if (!isWhite(value.charCodeAt(index))) count++;
  return count;
}

function isWhite(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Behind the opening quote, or behind the header line of a block. */
function contentStart(text: string, { style, start }: ScalarNode): number {
  if (style === "single" || style === "double") return start + 1;
  if (style === "literal" || style === "folded") return text.indexOf("\n", start) + 1 || start;
  return start;
}

function skipWhiteSpace(text: string, from: number, { style, end }: ScalarNode): number {
  let at = from;
  while (at < end) {
    if (isWhite(text.charCodeAt(at))) at++;
    else if (style === "double" && text[at] === "\\" && escapeUnits(text, at) === 0) at += 2;
    else break;
  }
  return at;
}

/** Length in the text, and visible characters of the value, of what stands at an offset. */
function characterAt(text: string, at: number, style: ScalarNode["style"]): readonly [length: number, units: number] {
  if (style === "single" && text.startsWith("''", at)) return [2, 1];
  if (style !== "double" || text[at] !== "\\") return [1, 1];
  const coded = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(text.slice(at, at + 10));
  if (coded === null) return [2, escapeUnits(text, at)];
  const code = Number.parseInt(coded[1] ?? coded[2] ?? coded[3] ?? "0", 16);
  return [coded[0].length, isWhite(code) ? 0 : code > 0xffff ? 2 : 1];
}

/** `\n`, `\t`, `\r`, an escaped blank and an escaped line end are white space; other short escapes are visible. */
function escapeUnits(text: string, at: number): number {
  return /^\\[ntr \t\r\n]/.test(text.slice(at, at + 2)) ? 0 : 1;
}
