/** Whether a pattern of the linear-time syntax is found in a text; for policies that select by text rather than by expression. */
import { compilePattern } from "../../grammar/pattern.ts";
import { hasMatch } from "./match.ts";

/** Characters looked at; the message of a failure is judged by its beginning. */
const TEXT_MAX = 65_536;

/** A pattern that does not compile matches nothing: definitions refuse it, so only an old journal could hold one. */
export function matchesPattern(source: string, text: string): boolean {
  const program = compilePattern(source);
  return typeof program !== "string" && hasMatch(program, text.slice(0, TEXT_MAX), () => {});
}
