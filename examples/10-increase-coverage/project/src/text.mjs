/**
 * A text that may stand in an address.
 * @example slugify("Nuts & Bolts") // "nuts-bolts"
 */
export function slugify(text) {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

/**
 * The first letters of a name.
 * @example initials("Ada Lovelace") // "AL"
 * @example initials("") // ""
 */
export function initials(name) {
  const words = name.split(" ").filter((word) => word !== "");
  const letters = words.map((word) => word[0].toUpperCase());
  return letters.join("");
}

/**
 * A text of at most so many characters.
 * @example truncate("a long text", 6) // "a lon…"
 * @example truncate("short", 6) // "short"
 */
export function truncate(text, length) {
  if (text.length <= length) {
    return text;
  }
  return `${text.slice(0, length - 1)}…`;
}

/**
 * The word for more than one.
 * @example plural("screw") // "screws"
 * @example plural("box") // "boxes"
 */
export function plural(word) {
  return `${word}s`;
}
