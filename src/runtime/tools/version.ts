/** Finds a version in what a program printed about itself. */
import { matchesPattern } from "../../expression/matches-pattern.ts";

const VERSION = "^[0-9]+\\.[0-9]+";
/** Characters around a word that are none of it, as in `(v1.2.3),`. */
const AROUND = /^[("'[]*v?(?=\d)|[)"'\],;:]+$/g;

/** The first word that the pattern matches, or that begins with two numbers; null when there is none. */
export function readVersion(text: string, pattern: string | null): string | null {
  for (const word of text.split(/\s+/)) {
    const bare = word.replace(AROUND, "");
    if (bare !== "" && matchesPattern(pattern ?? VERSION, bare)) return bare;
  }
  return null;
}
