/** Texts and numbers for SVG: escaped, shortened, and measured without a font. */

/** For content and attributes alike; what XML cannot write at all, such as control characters, `toLine` has taken out. */
export function toXml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Leaves out the middle, since names often differ at both ends. */
export function shorten(text: string, max: number): string {
  const characters = [...text];
  if (characters.length <= max) return text;
  const head = Math.ceil((max - 1) / 2);
  return `${characters.slice(0, head).join("")}…${characters.slice(head - max + 1).join("")}`;
}

/** Width in characters of a monospaced font; those of East Asian scripts and pictures count double. */
export function advanceOf(text: string): number {
  return [...text].reduce((sum, character) => sum + (character >= "\u1100" ? 2 : 1), 0);
}

/** A tenth of a pixel is finer than anybody sees. */
export function round(length: number): number {
  return Math.round(length * 10) / 10;
}
