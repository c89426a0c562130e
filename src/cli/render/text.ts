/** Texts from outside on their way to a terminal: harmless, and of a known width. */
import { stripVTControlCharacters } from "node:util";

// Besides control characters: marks that reorder what is read, so that a name could look like another (S-39).
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/** The text without control bytes; line ends and tabs stay (S-39). */
export function toHarmless(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROLS, "");
}

/** As `toHarmless`, on one line. */
export function toOneLine(text: string): string {
  return toHarmless(text).replace(/\s+/g, " ").trim();
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NARROW_ONLY = /^[\u0020-\u007e\u00a0-\u02ff\u2010-\u2027\u2190-\u22ff\u2500-\u25ff]*$/;
const JOINING = /^(?:\p{Mn}|\p{Me}|[\u200b-\u200d])$/u;

/** Columns that a terminal uses for a text without control bytes. */
export function widthOf(text: string): number {
  if (NARROW_ONLY.test(text)) return text.length;
  let width = 0;
  for (const sign of text) width += JOINING.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1;
  return width;
}

/** At most `columns` wide; what is cut ends in `…`. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns <= 0) return "";
  let width = 0;
  let kept = "";
  for (const sign of text) {
    width += widthOf(sign);
    if (width > columns - 1) break;
    kept += sign;
  }
  return `${kept}…`;
}

export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

export function padStart(text: string, columns: number): string {
  return " ".repeat(Math.max(0, columns - widthOf(text))) + text;
}

/** Breaks at spaces; a word that is too long stands alone on its line. */
export function wrap(text: string, columns: number): readonly string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && widthOf(line) + 1 + widthOf(word) > columns) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
