/** Filters on texts. */
import { charCount } from "../values.ts";
import type { Filter, FilterCall } from "./filter.ts";

export const lower: Filter = (target, _, call) => call.made(call.text(target).toLowerCase());
export const upper: Filter = (target, _, call) => call.made(call.text(target).toUpperCase());
export const string: Filter = (target, _, call) => call.toText(target);

export const trim: Filter = (target, [chars], call) => {
  const text = call.text(target);
  if (chars === undefined || chars === null) return text.trim();
  const dropped = new Set(call.textArgument(chars, "chars", ""));
  const all = [...text];
  let [start, end] = [0, all.length];
  while (start < end && dropped.has(all[start] as string)) start++; // start and end stay inside
  while (end > start && dropped.has(all[end - 1] as string)) end--;
  return all.slice(start, end).join("");
};

/** Python's `split`: without a separator, the words between any white space; `maxsplit` cuts at most that many times. */
export const split: Filter = (target, [separator, maxsplit], call) => {
  const text = call.text(target);
  const cuts = call.wholeArgument(maxsplit, "maxsplit", -1);
  const parts =
    separator === undefined || separator === null
      ? words(text, cuts)
      : pieces(text, call.textArgument(separator, "separator", ""), cuts, call);
  call.spend(parts.length);
  return parts;
};

function words(text: string, cuts: number): string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const gap = parts.length === cuts ? null : /\s+/.exec(rest);
    if (gap === null) return [...parts, rest];
    if (cuts < 0) return rest.split(/\s+/);
    parts.push(rest.slice(0, gap.index));
    rest = rest.slice(gap.index + gap[0].length);
  }
  return parts;
}

function pieces(text: string, separator: string, cuts: number, call: FilterCall): string[] {
  if (separator === "") return call.fail("needs a separator that is not empty.", "EXPR_ARGUMENT");
  const parts = text.split(separator);
  if (cuts < 0 || parts.length <= cuts + 1) return parts;
  return [...parts.slice(0, cuts), parts.slice(cuts).join(separator)];
}

/** `count` below zero, or none, replaces all. */
export const replace: Filter = (target, [old, next, count], call) => {
  const text = call.text(target);
  const [from, to] = [call.text(old), call.text(next)];
  const most = count === null ? -1 : call.wholeArgument(count, "count", -1);
  const found = from === "" ? charCount(text) + 1 : occurrences(text, from, most);
  const times = most < 0 ? found : Math.min(found, most);
  call.frame.admitText(text.length + times * (to.length - from.length), call.at);
  call.spend(times);
  if (from === "") return between([...text], to, times);
  const parts = text.split(from);
  return (
    parts.slice(0, times + 1).join(to) +
    parts
      .slice(times + 1)
      .map((part) => from + part)
      .join("")
  );
};

function occurrences(text: string, searched: string, most: number): number {
  let count = 0;
  for (let index = text.indexOf(searched); index !== -1 && count !== most; index = text.indexOf(searched, index + searched.length)) count++;
  return count;
}

/** As Python has it, an empty text stands before every character and at the end. */
function between(chars: readonly string[], inserted: string, times: number): string {
  return [...chars, ""].map((char, index) => (index < times ? inserted + char : char)).join("");
}

const SHELL_SAFE = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** One word for a POSIX shell: as it is if nothing in it means anything to a shell, else in single quotes. */
export const quote: Filter = (target, _, call) => {
  const text = call.text(target);
  if (text.includes("\0")) return call.fail("cannot pass on the character NUL.", "EXPR_ARGUMENT");
  if (SHELL_SAFE.test(text)) return text;
  return call.made(`'${text.replaceAll("'", `'\\''`)}'`);
};
