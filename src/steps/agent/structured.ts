/** The data in an agent's answer: given apart, or somewhere in its text. Pure. */
import type { Json } from "../../core/json.ts";
import type { AgentAnswer } from "./adapter.ts";
import { parseJson } from "./json-lines.ts";

const FENCED = /```(?:json)?[ \t]*\r?\n([\s\S]*?)\r?\n?[ \t]*```/g;

/** Undefined when there is none. In a text the last fenced block counts, then the whole, then what stands between outer brackets. */
export function structuredOf({ structured, text }: AgentAnswer): Json | undefined {
  if (structured !== undefined) return structured;
  const whole = parseJson(text.trim());
  if (whole !== undefined) return whole;
  for (const [, block] of [...text.matchAll(FENCED)].toReversed()) {
    const value = parseJson((block ?? "").trim());
    if (value !== undefined) return value;
  }
  for (const [open, close] of [
    ["{", "}"],
    ["[", "]"],
  ] as const) {
    const [from, to] = [text.indexOf(open), text.lastIndexOf(close)];
    const value = from === -1 || to <= from ? undefined : parseJson(text.slice(from, to + 1));
    if (value !== undefined) return value;
  }
  return undefined;
}
