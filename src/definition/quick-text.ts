/**
 * Texts whose expressions are nothing but paths (`{{ $build.count }}`), the most frequent by far, without the parser: it takes thirty
 * times as long, and a large definition holds tens of thousands of them.
 *
 * QT1 What it returns is what `parseText` returns (property test); it gives up at anything else.
 */
import type { PathNode, Position, Text, TextPart } from "../../grammar/ast.ts";
import { isRoot } from "../../grammar/ast.ts";
import { isPrototypeKey } from "../core/json.ts";

const OUTPUT = /\{\{ *(\$?)([A-Za-z_][A-Za-z0-9_]*)((?:\.[A-Za-z_][A-Za-z0-9_]*)*) *\}\}/y;
/** Longer texts are looked at by the parser, which knows the limits. */
const CHARS_MAX = 8_192;

export function quickText(source: string): Text | null {
  if (source.length > CHARS_MAX) return null;
  const parts: TextPart[] = [];
  const position = new Positions(source);
  let at = 0;
  while (at < source.length) {
    const open = source.indexOf("{{", at);
    if (open !== at) {
      const end = open === -1 ? source.length : open;
      parts.push({ kind: "chars", at: position.of(at), text: source.slice(at, end) });
      at = end;
      continue;
    }
    OUTPUT.lastIndex = at;
    const found = OUTPUT.exec(source);
    const start = position.of(at);
    const expression = found === null ? null : toPath(found, position.of(source.indexOf(found[1] === "$" ? "$" : (found[2] ?? ""), at)));
    if (expression === null) return null;
    parts.push({ kind: "output", at: start, expression, raw: false });
    at = OUTPUT.lastIndex;
  }
  return { kind: "text", parts };
}

function toPath([, dollar, root = "", rest = ""]: RegExpExecArray, at: Position): PathNode | null {
  const keys = rest === "" ? [] : rest.slice(1).split(".");
  if (isPrototypeKey(root) || keys.some(isPrototypeKey)) return null;
  if (isRoot(root)) return { kind: "path", at, root, keys };
  // Without `$` another name may be a word of the language.
  return dollar === "$" ? { kind: "path", at, root: "steps", keys: [root, "output", ...keys] } : null;
}

/** Lines and columns of ascending offsets. */
class Positions {
  readonly #source: string;
  #line = 1;
  #lineStart = 0;
  #counted = 0;

  constructor(source: string) {
    this.#source = source;
  }

  of(offset: number): Position {
    for (let next = this.#source.indexOf("\n", this.#counted); next !== -1 && next < offset; next = this.#source.indexOf("\n", next + 1)) {
      this.#line++;
      this.#lineStart = next + 1;
    }
    this.#counted = Math.max(this.#counted, offset);
    return { offset, line: this.#line, column: offset - this.#lineStart + 1 };
  }
}
