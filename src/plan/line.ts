/** Texts of authors, made harmless for labels. */

const LINE_MAX = 200;

/**
 * One line of bounded length without control characters, halves of surrogate pairs, and signs that turn the direction of writing,
 * with which a text could pass for another.
 */
export function toLine(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/[\p{Cf}\p{Cn}\p{Co}]/gu, "")
    .trim();
  const characters = [...line];
  return characters.length <= LINE_MAX ? line : `${characters.slice(0, LINE_MAX - 1).join("")}…`;
}
