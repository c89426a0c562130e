/** HTML in which text is text: whatever is put in is escaped, and only what this module made goes in as it is (S-17, S-39). */

export interface Html {
  readonly html: string;
}

type Part = Html | string | number | null | readonly Part[];

/** Characters that HTML cannot hold, and marks that reorder what is read. */
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.reduce((text, string, index) => text + toText(parts[index - 1] ?? null) + string) };
}

/** For markup that was made and escaped elsewhere, such as a drawing. */
export function trusted(markup: string): Html {
  return { html: markup };
}

function toText(part: Part): string {
  if (part === null) return "";
  if (typeof part === "string" || typeof part === "number") return escaped(String(part));
  return "html" in part ? part.html : part.map(toText).join("");
}

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(INVISIBLE, "")
    .replace(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
