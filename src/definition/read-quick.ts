/**
 * A reader for the YAML that people write: block maps and lists, flow maps and lists (so all of JSON), texts on one line in any
 * quotes, literal blocks. It is ten times as fast as the full one and knows when it is not sure: at anchors, tags, folded or
 * continued texts, odd numbers, duplicate keys, errors. It then gives the text up, and the full reader decides.
 *
 * QR1 Whatever it accepts, the full reader reads alike, places included (property test with mutated documents).
 */
import { isPrototypeKey } from "../core/json.ts";
import { literalValue, plainValue, quotedValue, UNSURE } from "./quick-scalars.ts";
import { DEPTH_MAX } from "./source-limits.ts";
import type { ListNode, MapEntry, MapNode, ScalarNode, SourceNode } from "./source-node.ts";

class Unsure extends Error {}
const unsure = new Unsure("unsure");

/** The nodes of a text, or null where the quick reader is not sure. */
export function readQuick(text: string): SourceNode | null {
  if (/[\r\ufeff]|^(?:---|\.\.\.|%)/m.test(text)) return null;
  try {
    return new QuickReader(text).document();
  } catch (thrown) {
    if (thrown === unsure) return null;
    throw thrown;
  }
}

const KEY = /[A-Za-z_$][\w$./-]*(?=:(?:[ \n]|$))/y;
const QUOTED_KEY = /(?:"[^"\\\n\t]*"|'[^'\n\t]*')(?=:(?:[ \n]|$))/y;
const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\n]|'')*'/y;
const FLOW_KEY = /(?:"[^"\\\n\t]*"|'[^'\n\t]*')(?=[ ]*:)|[A-Za-z_$][\w$./-]*(?=:(?:[ \n]|$))/y;
const FLOW_PLAIN = /[^\s,[\]{}#&*!|>'"%@`?:-](?:[^\s,[\]{}:]|[ ](?![ #,[\]{}:\n]|$))*|-?[\d.]+(?:[eE][-+]?\d+)?/y;
const PLAIN_START = /[^\s,[\]{}#&*!|>'"%@`?:-]|[?:-](?=[^\s,[\]{}])/y;
const LITERAL = /\|(-?)[ ]*(?:\n|$)/y;

class QuickReader {
  readonly #text: string;
  #at = 0;
  /** Column of the line's first character, counted from 0; -1 at the end of the text. */
  #indent = -1;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): SourceNode {
    this.#nextLine();
    this.#needsIndent(0);
    const code = this.#text.charCodeAt(this.#at);
    const root = code === 0x7b || code === 0x5b ? this.#rootFlow() : this.#block(0);
    this.#needsIndent(-1);
    return root;
  }

  #needsIndent(indent: number): void {
    if (this.#indent !== indent) throw unsure;
  }

  #rootFlow(): SourceNode {
    const node = this.#flow(-1);
    this.#endOfLine();
    return node;
  }

  /** Goes from a line's beginning, or from its end, to the first character of the next line that says something. */
  #nextLine(): void {
    const text = this.#text;
    let at = this.#at;
    for (;;) {
      const start = at;
      while (text.charCodeAt(at) === 0x20) at++;
      const code = text.charCodeAt(at);
      if (at >= text.length) {
        this.#at = text.length;
        this.#indent = -1;
        return;
      }
      if (code === 0x0a) {
        at++;
        continue;
      }
      if (code === 0x23) {
        const end = text.indexOf("\n", at);
        at = end === -1 ? text.length : end + 1;
        continue;
      }
      if (code === 0x09) throw unsure;
      this.#at = at;
      this.#indent = at - start;
      return;
    }
  }

  /** Nothing but blanks and a comment may follow; then on to the next line. */
  #endOfLine(): void {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    while (text.charCodeAt(at) === 0x20) at++;
    if (at < text.length && text.charCodeAt(at) !== 0x0a) {
      if (text.charCodeAt(at) !== 0x23 || at === start) throw unsure;
      const end = text.indexOf("\n", at);
      at = end === -1 ? text.length : end;
    }
    this.#at = Math.min(at + 1, text.length);
    this.#nextLine();
  }

  #enter(): void {
    if (++this.#depth > DEPTH_MAX) throw unsure;
  }

  #isDash(): boolean {
    if (this.#text.charCodeAt(this.#at) !== 0x2d) return false;
    const next = this.#text.charCodeAt(this.#at + 1);
    return next === 0x20 || next === 0x0a || Number.isNaN(next);
  }

  /** What begins at the current character and is a map or a list of lines that begin in this column. */
  #block(column: number): SourceNode {
    return this.#isDash() ? this.#list(column) : this.#map(column);
  }

  #list(column: number): ListNode {
    this.#enter();
    const start = this.#at;
    const items: SourceNode[] = [];
    let end = start;
    do {
      const dash = this.#at;
      this.#at++;
      const item = this.#item(column, dash);
      items.push(item);
      end = Math.max(item.end, dash + 1);
    } while (this.#indent === column && this.#isDash());
    if (this.#indent > column) throw unsure;
    this.#depth--;
    return { kind: "list", items, start, end };
  }

  #item(column: number, dash: number): SourceNode {
    const text = this.#text;
    let at = this.#at;
    while (text.charCodeAt(at) === 0x20) at++;
    const code = text.charCodeAt(at);
    if (at >= text.length || code === 0x0a || code === 0x23) return this.#below(column, dash + 1);
    this.#at = at;
    const inner = column + (at - dash);
    if (this.#isDash() || this.#keyEnd() !== -1) return this.#block(inner);
    return this.#inline(column);
  }

  #map(column: number): MapNode {
    this.#enter();
    const start = this.#at;
    const entries: MapEntry[] = [];
    const seen = new Set<string>();
    do {
      const one = this.#entry(column);
      if (seen.has(one.key)) throw unsure;
      seen.add(one.key);
      entries.push(one);
    } while (this.#indent === column && !this.#isDash());
    if (this.#indent > column) throw unsure;
    this.#depth--;
    return { kind: "map", entries, start, end: entries.at(-1)?.value.end ?? start };
  }

  /** The end of the key that begins here, with its quotes; -1 if there is none. */
  #keyEnd(): number {
    const code = this.#text.charCodeAt(this.#at);
    const pattern = code === 0x22 || code === 0x27 ? QUOTED_KEY : KEY;
    pattern.lastIndex = this.#at;
    return pattern.test(this.#text) ? pattern.lastIndex : -1;
  }

  #entry(column: number): MapEntry {
    const keyStart = this.#at;
    const keyEnd = this.#keyEnd();
    if (keyEnd === -1) throw unsure;
    const key = this.#key(keyStart, keyEnd);
    const text = this.#text;
    let at = keyEnd + 1;
    while (text.charCodeAt(at) === 0x20) at++;
    const code = text.charCodeAt(at);
    this.#at = at;
    const isEmpty = at >= text.length || code === 0x0a || (code === 0x23 && at > keyEnd + 1);
    return { key, keyStart, keyEnd, value: isEmpty ? this.#below(column, keyEnd + 1, true) : this.#inline(column) };
  }

  #key(start: number, end: number): string {
    const code = this.#text.charCodeAt(start);
    const key = code === 0x22 || code === 0x27 ? this.#text.slice(start + 1, end - 1) : this.#text.slice(start, end);
    if (isPrototypeKey(key) || key === "") throw unsure;
    return key;
  }

  /** The value of a key or dash that has nothing behind it: deeper lines, or none. A key's list may stand in the key's own column. */
  #below(column: number, end: number, isKey = false): SourceNode {
    this.#endOfLine();
    if (this.#indent > column) {
      const inner = this.#indent;
      if (!this.#isDash() && this.#keyEnd() === -1) throw unsure;
      return this.#block(inner);
    }
    if (isKey && this.#indent === column && this.#isDash()) return this.#list(column);
    return { kind: "scalar", value: null, style: "plain", start: end, end };
  }

  /** A value on the line of its key or dash. A deeper next line would continue it. */
  #inline(column: number): SourceNode {
    const code = this.#text.charCodeAt(this.#at);
    if (code === 0x7c) return this.#literal(column);
    const node = code === 0x5b || code === 0x7b ? this.#flow(column) : code === 0x22 || code === 0x27 ? this.#quoted() : this.#plain();
    this.#endOfLine();
    if (this.#indent > column) throw unsure;
    return node;
  }

  #quoted(): ScalarNode {
    const start = this.#at;
    QUOTED.lastIndex = start;
    if (!QUOTED.test(this.#text)) throw unsure;
    const end = QUOTED.lastIndex;
    const value = quotedValue(this.#text.slice(start, end));
    if (value === UNSURE) throw unsure;
    this.#at = end;
    return { kind: "scalar", value, style: this.#text.charCodeAt(start) === 0x22 ? "double" : "single", start, end };
  }

  #plain(): ScalarNode {
    const text = this.#text;
    const start = this.#at;
    PLAIN_START.lastIndex = start;
    if (!PLAIN_START.test(text)) throw unsure;
    let end = text.indexOf("\n", start);
    if (end === -1) end = text.length;
    let source = text.slice(start, end);
    const comment = source.indexOf(" #");
    if (comment !== -1) source = source.slice(0, comment);
    source = source.trimEnd();
    if (source.includes(": ") || source.endsWith(":") || source.includes("\t")) throw unsure;
    const value = plainValue(source);
    if (value === UNSURE) throw unsure;
    this.#at = start + source.length;
    return { kind: "scalar", value, style: "plain", start, end: this.#at };
  }

  #literal(column: number): ScalarNode {
    const text = this.#text;
    const start = this.#at;
    LITERAL.lastIndex = start;
    const header = LITERAL.exec(text);
    if (header === null) throw unsure;
    let at = LITERAL.lastIndex;
    const lines: string[] = [];
    let indent = -1;
    let end = at;
    while (at < text.length) {
      let stop = text.indexOf("\n", at);
      if (stop === -1) stop = text.length;
      let first = at;
      while (first < stop && text.charCodeAt(first) === 0x20) first++;
      if (first === stop) {
        // Blanks before the first line could set the indent, and blanks beyond it are text.
        if (indent === -1 ? first > at : first - at > indent) throw unsure;
        lines.push("");
      } else {
        if (text.charCodeAt(first) === 0x09) throw unsure;
        if (indent === -1) indent = first - at;
        if (indent <= column) break;
        if (first - at < indent) break;
        lines.push(text.slice(at + indent, stop));
        end = stop + 1;
      }
      at = Math.min(stop + 1, text.length);
    }
    if (indent === -1 || indent <= column) throw unsure;
    this.#at = at;
    this.#nextLine();
    if (this.#indent > column) throw unsure;
    return { kind: "scalar", value: literalValue(lines, header[1] === "-"), style: "literal", start, end: Math.min(end, text.length) };
  }

  /** @param column of the line's own map or list: a flow that goes on over lines stays deeper than that. */
  #flow(column: number): SourceNode {
    this.#enter();
    const isList = this.#text.charCodeAt(this.#at) === 0x5b;
    const start = this.#at++;
    const node = isList ? this.#flowList(start, column) : this.#flowMap(start, column);
    this.#depth--;
    return node;
  }

  #flowList(start: number, column: number): ListNode {
    const items: SourceNode[] = [];
    while (!this.#closes(0x5d, column)) {
      items.push(this.#flowValue(column));
      this.#skip(column);
      if (this.#text.charCodeAt(this.#at) === 0x2c) this.#at++;
      else if (this.#text.charCodeAt(this.#at) !== 0x5d) throw unsure;
    }
    return { kind: "list", items, start, end: this.#at };
  }

  #flowMap(start: number, column: number): MapNode {
    const entries: MapEntry[] = [];
    const seen = new Set<string>();
    while (!this.#closes(0x7d, column)) {
      const keyStart = this.#at;
      FLOW_KEY.lastIndex = keyStart;
      if (!FLOW_KEY.test(this.#text)) throw unsure;
      const keyEnd = FLOW_KEY.lastIndex;
      const key = this.#key(keyStart, keyEnd);
      if (seen.has(key)) throw unsure;
      seen.add(key);
      this.#at = this.#text.indexOf(":", keyEnd) + 1;
      this.#skip(column);
      entries.push({ key, keyStart, keyEnd, value: this.#flowValue(column) });
      this.#skip(column);
      if (this.#text.charCodeAt(this.#at) === 0x2c) this.#at++;
      else if (this.#text.charCodeAt(this.#at) !== 0x7d) throw unsure;
    }
    return { kind: "map", entries, start, end: this.#at };
  }

  /** Takes the closing bracket if it comes next. */
  #closes(code: number, column: number): boolean {
    this.#skip(column);
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  #flowValue(column: number): SourceNode {
    const code = this.#text.charCodeAt(this.#at);
    if (code === 0x5b || code === 0x7b) return this.#flow(column);
    if (code !== 0x22 && code !== 0x27) return this.#flowPlain();
    const node = this.#quoted();
    // `"a": b` inside a list is a map without braces.
    if (this.#text.charCodeAt(this.#at) === 0x3a) throw unsure;
    return node;
  }

  #flowPlain(): ScalarNode {
    const text = this.#text;
    const start = this.#at;
    FLOW_PLAIN.lastIndex = start;
    if (!FLOW_PLAIN.test(text)) throw unsure;
    const end = FLOW_PLAIN.lastIndex;
    let next = end;
    while (text.charCodeAt(next) === 0x20) next++;
    const code = text.charCodeAt(next);
    if (code !== 0x2c && code !== 0x5d && code !== 0x7d && !(code === 0x0a && this.#endsBehind(next))) throw unsure;
    const value = plainValue(text.slice(start, end));
    if (value === UNSURE) throw unsure;
    this.#at = end;
    return { kind: "scalar", value, style: "plain", start, end };
  }

  /** Whether the flow goes on with a sign on the next line, so that a plain text has really ended. */
  #endsBehind(newline: number): boolean {
    const next = /[^ \n]/g;
    next.lastIndex = newline;
    const found = next.exec(this.#text)?.[0];
    return found === "]" || found === "}" || found === ",";
  }

  /** White space and comments between the signs of a flow. */
  #skip(column: number): void {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === 0x20) this.#at++;
      else if (code === 0x0a) {
        this.#at++;
        this.#nextLine();
        if (this.#indent <= column) throw unsure;
      } else if (code === 0x23 || code === 0x09) throw unsure;
      else return;
    }
  }
}
