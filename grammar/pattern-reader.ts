/** Reads the text of a pattern into a tree. `pattern.ts` says which subset there is, and makes a program of the tree. */

/** Code points from, to, from, to …; `negated` takes all others. */
export interface CharSet {
  readonly ranges: readonly number[];
  readonly negated: boolean;
}
export type Assertion = "start" | "end" | "line-start" | "line-end" | "boundary" | "inside";
export type PatternNode =
  | { readonly kind: "set"; readonly set: CharSet }
  | { readonly kind: "assert"; readonly assertion: Assertion }
  | { readonly kind: "sequence"; readonly items: readonly PatternNode[] }
  | { readonly kind: "either"; readonly options: readonly PatternNode[] }
  | { readonly kind: "repeat"; readonly item: PatternNode; readonly min: number; readonly max: number };

const NESTING_MAX = 50;
const REPEAT_MAX = 1_000;
const CODE_MAX = 0x10ffff;

const DIGIT = [0x30, 0x39];
const WORD = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
const SPACE = [
  0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000,
  0xfeff, 0xfeff,
];
const CONTROLS: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, f: 12, v: 11, "0": 0 };

export class PatternProblem {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export class PatternReader {
  readonly #chars: readonly string[];
  readonly #dotTakesNewline: boolean;
  readonly #anchorsAreLines: boolean;
  #index = 0;
  #nesting = 0;

  constructor(source: string, dotTakesNewline: boolean, anchorsAreLines: boolean) {
    this.#chars = [...source];
    this.#dotTakesNewline = dotTakesNewline;
    this.#anchorsAreLines = anchorsAreLines;
  }

  read(): PatternNode {
    const tree = this.#either();
    if (this.#index < this.#chars.length) throw new PatternProblem("a `)` has no `(`");
    return tree;
  }

  #either(): PatternNode {
    const options = [this.#sequence()];
    while (this.#takes("|")) options.push(this.#sequence());
    return options.length === 1 ? (options[0] as PatternNode) : { kind: "either", options }; // the length has just been tested
  }

  #sequence(): PatternNode {
    const items: PatternNode[] = [];
    while (this.#index < this.#chars.length && this.#peek() !== "|" && this.#peek() !== ")") items.push(this.#repeated());
    return { kind: "sequence", items };
  }

  #repeated(): PatternNode {
    const item = this.#item();
    const bounds = this.#bounds();
    if (bounds === undefined) return item;
    this.#takes("?");
    if (this.#bounds() !== undefined) throw new PatternProblem("a repetition is repeated");
    const [min, max] = bounds;
    if (max < min) throw new PatternProblem(`the repetition {${min},${max}} is upside down`);
    if (min > REPEAT_MAX || (max !== Number.POSITIVE_INFINITY && max > REPEAT_MAX))
      throw new PatternProblem(`it repeats more than ${REPEAT_MAX} times`);
    return { kind: "repeat", item, min, max };
  }

  #bounds(): readonly [number, number] | undefined {
    if (this.#takes("*")) return [0, Number.POSITIVE_INFINITY];
    if (this.#takes("+")) return [1, Number.POSITIVE_INFINITY];
    if (this.#takes("?")) return [0, 1];
    const counted = /^\{(\d{1,6})(,(\d{1,6})?)?\}/.exec(this.#chars.slice(this.#index, this.#index + 16).join(""));
    if (counted === null) return undefined;
    this.#index += counted[0].length;
    const min = Number(counted[1]);
    if (counted[2] === undefined) return [min, min];
    return [min, counted[3] === undefined ? Number.POSITIVE_INFINITY : Number(counted[3])];
  }

  #item(): PatternNode {
    const char = this.#next();
    switch (char) {
      case "(":
        return this.#group();
      case "[":
        return { kind: "set", set: this.#charClass() };
      case ".":
        return {
          kind: "set",
          set: this.#dotTakesNewline ? { ranges: [], negated: true } : { ranges: [10, 10, 13, 13, 0x2028, 0x2029], negated: true },
        };
      case "^":
        return { kind: "assert", assertion: this.#anchorsAreLines ? "line-start" : "start" };
      case "$":
        return { kind: "assert", assertion: this.#anchorsAreLines ? "line-end" : "end" };
      case "*":
      case "+":
      case "?":
        throw new PatternProblem(`there is nothing before \`${char}\` to repeat`);
      case "\\":
        if (this.#takes("b")) return { kind: "assert", assertion: "boundary" };
        if (this.#takes("B")) return { kind: "assert", assertion: "inside" };
        return { kind: "set", set: this.#escape() };
      default:
        return { kind: "set", set: single(char) };
    }
  }

  #group(): PatternNode {
    if (this.#takes("?") && !this.#takes(":"))
      throw new PatternProblem("look-around, named groups and flags inside the pattern are not supported");
    if (++this.#nesting > NESTING_MAX) throw new PatternProblem(`its groups are nested more than ${NESTING_MAX} deep`);
    const tree = this.#either();
    if (!this.#takes(")")) throw new PatternProblem("a `(` has no `)`");
    this.#nesting--;
    return tree;
  }

  #charClass(): CharSet {
    const negated = this.#takes("^");
    const ranges: number[] = [];
    for (let isFirst = true; isFirst || this.#peek() !== "]"; isFirst = false) {
      if (this.#index >= this.#chars.length) throw new PatternProblem("a `[` has no `]`");
      if (isFirst && this.#peek() === "]") break;
      const from = this.#classItem();
      const isRange = this.#peek() === "-" && this.#chars[this.#index + 1] !== undefined && this.#chars[this.#index + 1] !== "]";
      if (!isRange) {
        ranges.push(...positive(from));
        continue;
      }
      this.#index++;
      const to = this.#classItem();
      const [low, high] = [codeOf(from), codeOf(to)];
      if (high < low) throw new PatternProblem("a range of characters is upside down");
      ranges.push(low, high);
    }
    this.#index++;
    return { ranges, negated };
  }

  #classItem(): CharSet {
    const char = this.#next();
    return char === "\\" ? (this.#takes("b") ? single("\b") : this.#escape()) : single(char);
  }

  #escape(): CharSet {
    const char = this.#next();
    switch (char) {
      case "d":
      case "D":
        return { ranges: DIGIT, negated: char === "D" };
      case "w":
      case "W":
        return { ranges: WORD, negated: char === "W" };
      case "s":
      case "S":
        return { ranges: SPACE, negated: char === "S" };
      case "x":
      case "u":
        return this.#coded(char);
    }
    const control = CONTROLS[char];
    if (control !== undefined) return { ranges: [control, control], negated: false };
    if (/[1-9]/.test(char)) throw new PatternProblem("back-references are not supported");
    if (/[A-Za-z]/.test(char)) throw new PatternProblem(`\`\\${char}\` is not supported`);
    return single(char);
  }

  #coded(kind: "x" | "u"): CharSet {
    const rest = this.#chars.slice(this.#index, this.#index + 8).join("");
    const found = (kind === "x" ? /^[0-9a-fA-F]{2}/ : /^(?:[0-9a-fA-F]{4}|\{[0-9a-fA-F]{1,6}\})/).exec(rest);
    if (found === null) throw new PatternProblem(`\`\\${kind}\` needs the number of a character`);
    this.#index += found[0].length;
    const code = Number.parseInt(found[0].replace(/[{}]/g, ""), 16);
    if (code > CODE_MAX) throw new PatternProblem("there is no such character");
    return { ranges: [code, code], negated: false };
  }

  #peek(): string | undefined {
    return this.#chars[this.#index];
  }

  #next(): string {
    const char = this.#chars[this.#index++];
    if (char === undefined) throw new PatternProblem("it ends too early");
    return char;
  }

  #takes(char: string): boolean {
    if (this.#chars[this.#index] !== char) return false;
    this.#index++;
    return true;
  }
}

function single(char: string): CharSet {
  const code = char.codePointAt(0) ?? 0;
  return { ranges: [code, code], negated: false };
}

function codeOf(set: CharSet): number {
  const [from, to] = set.ranges;
  if (set.negated || set.ranges.length !== 2 || from !== to || from === undefined)
    throw new PatternProblem("a range of characters ends in a class");
  return from;
}

/** The ranges of a set, turned around if it is negated; the built-in sets are in order. */
function positive(set: CharSet): readonly number[] {
  if (!set.negated) return set.ranges;
  const ranges: number[] = [];
  let from = 0;
  for (let index = 0; index < set.ranges.length; index += 2) {
    const [low = 0, high = 0] = set.ranges.slice(index, index + 2);
    if (low > from) ranges.push(from, low - 1);
    from = high + 1;
  }
  ranges.push(from, CODE_MAX);
  return ranges;
}
