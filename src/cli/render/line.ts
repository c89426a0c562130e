/** One line of parts with styles, cut to the terminal's width before it is painted. */
import type { Look, Style } from "./look.ts";
import { cutTo, widthOf } from "./text.ts";

/** A text, or a text with its style. */
export type Part = string | readonly [style: Style, text: string];

export function toLine(parts: readonly Part[], look: Look, columns = look.columns): string {
  let left = columns;
  let line = "";
  for (const part of parts) {
    const [style, text] = typeof part === "string" ? [null, part] : part;
    const shown = cutTo(text, left);
    left -= widthOf(shown);
    line += style === null ? shown : look.paint(style, shown);
    if (shown !== text) break;
  }
  return line.trimEnd();
}
