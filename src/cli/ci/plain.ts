/** A log that is read by people, or by a server that is not known here. */
import { toOneLine } from "../render/text.ts";
import type { Dialect } from "./dialect.ts";
import { remarkLine, toLines } from "./lines.ts";

export function createPlainDialect(): Dialect {
  return {
    text: (text) => inert(toLines(text)),
    open: (_key, title) => inert(toLines(toOneLine(title))),
    close: () => "",
    remark: (remark) => inert(remarkLine(remark)),
    end: () => "",
  };
}

/** Not every server of GitHub's kind says that it is one. */
function inert(text: string): string {
  return text.replaceAll(/^(\s*):(?=:)/gm, "$1: ");
}
