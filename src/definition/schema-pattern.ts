/**
 * Regular expressions of JSON Schemas (`pattern`, `patternProperties`). They come from documents and callers, so none may take more
 * than linear time (S-7): patterns run on the expression language's own machine. What that machine lacks (look-around, `\p{…}`,
 * back-references) runs on the platform's engine only in forms whose worst case is small, and on short texts.
 */
import { compilePattern } from "../../grammar/pattern.ts";
import { hasMatch } from "../expression/match.ts";

/** Longest text for a pattern that the platform's engine runs. With three open repetitions the worst case is a cubic of it. */
const PLATFORM_TEXT_MAX = 400;
const PLATFORM_REPEATS_MAX = 3;

export interface SchemaPattern {
  test(text: string): boolean;
  /** The pattern: Ajv tells those of one schema apart by this text. */
  toString(): string;
}

/** Thrown while a schema is compiled. */
export class PatternRefused extends Error {}
/** Thrown while data is looked at. */
export class TextTooLong extends Error {}

const spendNothing = (): void => {};

/** @throws PatternRefused with the reason in words. */
export function toSchemaPattern(source: string): SchemaPattern {
  const program = compilePattern(source);
  if (typeof program !== "string" && !/^\(\?[ism]/.test(source)) {
    return { test: (text) => hasMatch(program, text, spendNothing), toString: () => source };
  }
  const reason = typeof program === "string" ? program : "it begins with flags, which JSON Schema does not know";
  return platformPattern(source, reason);
}

function platformPattern(source: string, reason: string): SchemaPattern {
  let expression: RegExp;
  try {
    expression = new RegExp(source, "u");
  } catch (cause) {
    throw new PatternRefused(`the pattern '${source}' is no regular expression: ${reason}`, { cause });
  }
  if (!isTame(source)) throw new PatternRefused(`the pattern '${source}' could take too long on some texts, and ${reason}`);
  return {
    test(text) {
      if (text.length > PLATFORM_TEXT_MAX)
        throw new TextTooLong(`the pattern '${source}' is only used on texts of up to ${PLATFORM_TEXT_MAX} characters`);
      return expression.test(text);
    },
    toString: () => source,
  };
}

/** Repetitions of single characters only, few of them without a bound, and no reference to what a group has matched. */
function isTame(source: string): boolean {
  const atoms = source.replace(
    /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]/gu,
    (atom) => (/^\\(?:[1-9]|k)/.test(atom) ? "\\1" : "a"),
  );
  if (atoms.includes("\\1")) return false;
  if (/\)(?:[*+]|\{)/.test(atoms)) return false;
  return (atoms.match(/[*+]|\{\d+(?:,\d*)?\}/g) ?? []).length <= PLATFORM_REPEATS_MAX;
}
