/** Lines of a YAML text, and what one says by itself. */
export interface Line {
  readonly text: string;
  readonly at: number;
}

export interface Entry {
  /** Column in which it begins. */
  readonly column: number;
  readonly kind: "key" | "item";
  readonly key: string;
  readonly value: string;
}

const KEY = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s#\-{}[\],&*!|>'"%@`:][^#{}[\],]*?|-[^\s][^#{}[\],]*?))\s*:(?=\s|$)/;

export function linesOf(text: string): readonly Line[] {
  let at = 0;
  return text.split("\n").map((one) => {
    const line = { text: one, at };
    at += one.length + 1;
    return line;
  });
}

/** Keys and dashes with which a line begins, from the left. */
export function entriesOf(text: string): readonly Entry[] {
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

export function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}

export function plain(value: string): string {
  return value.replace(/\s+#.*$/, "").replace(/^(["'])(.*)\1$/, "$2");
}

export function isBlank(text: string): boolean {
  return /^\s*(#|$)/.test(text);
}

/** The text with what stands between quotes taken out. */
export function withoutTexts(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?/g, (found) => "_".repeat(found.length));
}
