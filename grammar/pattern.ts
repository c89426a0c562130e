/**
 * Patterns of the operator `matches`, compiled to a program that a set-of-states machine runs in linear time: no pattern can make
 * a match explode. Back-references and look-around have no such form and are refused.
 *
 * Subset: characters, `.`, classes, `\d \w \s \D \W \S \b \B`, escapes, `^ $`, groups, `|`, `* + ? {n,m}` (a lazy `?` behind them
 * changes no answer), and the flags `(?i)`, `(?s)`, `(?m)` at the very beginning.
 */
import { type Assertion, type CharSet, type PatternNode, PatternProblem, PatternReader } from "./pattern-reader.ts";
import { SourceCache } from "./source-cache.ts";

export type { Assertion, CharSet } from "./pattern-reader.ts";

export type Instruction =
  | { readonly op: "char"; readonly set: CharSet }
  | { readonly op: "split"; readonly first: number; readonly second: number }
  | { readonly op: "assert"; readonly assertion: Assertion }
  | { readonly op: "match" };

export interface Program {
  readonly instructions: readonly Instruction[];
  readonly ignoresCase: boolean;
}

const CHARS_MAX = 1_000;
const INSTRUCTIONS_MAX = 2_000;

const cache = new SourceCache<Program | string>(100_000);

/** The program of a pattern, or in words why there is none. */
export function compilePattern(source: string): Program | string {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const result = compile(source);
  cache.set(source, result);
  return result;
}

function compile(source: string): Program | string {
  if (source.length > CHARS_MAX) return `it is longer than ${CHARS_MAX} characters`;
  const [flags = ""] = /^\(\?[ism]+\)/.exec(source) ?? [];
  try {
    const tree = new PatternReader(source.slice(flags.length), flags.includes("s"), flags.includes("m")).read();
    const instructions: Instruction[] = [];
    emit(tree, instructions);
    instructions.push({ op: "match" });
    return { instructions, ignoresCase: flags.includes("i") };
  } catch (thrown) {
    if (thrown instanceof PatternProblem) return thrown.text;
    throw thrown;
  }
}

function emit(node: PatternNode, out: Instruction[]): void {
  if (out.length > INSTRUCTIONS_MAX) throw new PatternProblem("it is too large once its repetitions are written out");
  switch (node.kind) {
    case "set":
      out.push({ op: "char", set: node.set });
      return;
    case "assert":
      out.push({ op: "assert", assertion: node.assertion });
      return;
    case "sequence":
      for (const item of node.items) emit(item, out);
      return;
    case "either":
      emitEither(node.options, out);
      return;
    case "repeat":
      emitRepeat(node.item, node.min, node.max, out);
      return;
  }
}

function emitEither(options: readonly PatternNode[], out: Instruction[]): void {
  const exits: number[] = [];
  for (const [index, option] of options.entries()) {
    const isLast = index === options.length - 1;
    const fork = isLast ? -1 : reserve(out);
    emit(option, out);
    if (isLast) break;
    exits.push(reserve(out));
    out[fork] = { op: "split", first: fork + 1, second: out.length };
  }
  for (const exit of exits) out[exit] = { op: "split", first: out.length, second: out.length };
}

function emitRepeat(item: PatternNode, min: number, max: number, out: Instruction[]): void {
  for (let count = 0; count < min; count++) emit(item, out);
  if (max === Number.POSITIVE_INFINITY) {
    const fork = reserve(out);
    emit(item, out);
    out.push({ op: "split", first: fork, second: fork });
    out[fork] = { op: "split", first: fork + 1, second: out.length };
    return;
  }
  const forks: number[] = [];
  for (let count = min; count < max; count++) {
    forks.push(reserve(out));
    emit(item, out);
  }
  for (const fork of forks) out[fork] = { op: "split", first: fork + 1, second: out.length };
}

/** Holds a place for a jump whose target is not known yet. */
function reserve(out: Instruction[]): number {
  return out.push({ op: "match" }) - 1;
}
