/** Text of unknown origin for people: nothing in it acts on a terminal, reorders what stands around it, or breaks an encoding. */

/** Controls but the line end; and what changes the direction of text, by which a name can look like another. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** @param maxChars longest result, in UTF-16 units; what is cut off is told by `…` */
export function toPlainText(text: string, maxChars: number): string {
  return shorten(text.replaceAll("\r\n", "\n").replaceAll("\t", " ").replace(UNSEEN, "").toWellFormed(), maxChars);
}

/** As `toPlainText`, without line ends. */
export function toPlainLine(text: string, maxChars: number): string {
  return shorten(toPlainText(text, Number.POSITIVE_INFINITY).replace(/\s+/g, " ").trim(), maxChars);
}

/** Never in the middle of a character. */
export function shorten(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const cut = text.slice(0, Math.max(0, maxChars - 1));
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
