/** Runs a pattern's program over a text, all its states at once: time grows with text times program, whatever the pattern. */
import type { Assertion, CharSet, Program } from "../../grammar/pattern.ts";

/** True if the pattern matches anywhere in the text. `spend` is told the work done. */
export function hasMatch(program: Program, text: string, spend: (amount: number) => void): boolean {
  const machine = new Machine(program, text);
  for (let index = 0; ; ) {
    if (machine.enter(index)) return true;
    if (index >= text.length) return false;
    const code = text.codePointAt(index) as number; // index is inside the text
    spend(1 + machine.size);
    machine.step(code);
    index += code > 0xffff ? 2 : 1;
  }
}

class Machine {
  readonly #program: Program;
  readonly #text: string;
  /** Instructions that wait for a character, and those reached by the last one. */
  #waiting: number[] = [];
  #reached: number[] = [];
  /** Per instruction, the position at which it was last visited: each is visited once per position. */
  readonly #visited: Int32Array;

  constructor(program: Program, text: string) {
    this.#program = program;
    this.#text = text;
    this.#visited = new Int32Array(program.instructions.length).fill(-1);
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Follows all ways that take no character, those of a match beginning here too. True once one of them is through. */
  enter(index: number): boolean {
    this.#waiting = [];
    const todo = this.#reached;
    todo.push(0);
    const { instructions } = this.#program;
    for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
      if (this.#visited[at] === index) continue;
      this.#visited[at] = index;
      const instruction = instructions[at];
      switch (instruction?.op) {
        case "match":
          return true;
        case "char":
          this.#waiting.push(at);
          break;
        case "split":
          todo.push(instruction.second, instruction.first);
          break;
        case "assert":
          if (holds(instruction.assertion, this.#text, index)) todo.push(at + 1);
          break;
      }
    }
    return false;
  }

  /** Takes one character. */
  step(code: number): void {
    const { instructions, ignoresCase } = this.#program;
    const reached: number[] = [];
    for (const at of this.#waiting) {
      const instruction = instructions[at];
      if (instruction?.op === "char" && takes(instruction.set, code, ignoresCase)) reached.push(at + 1);
    }
    this.#reached = reached;
  }
}

function takes({ ranges, negated }: CharSet, code: number, ignoresCase: boolean): boolean {
  const isInside = isWithin(ranges, code) || (ignoresCase && isWithin(ranges, otherCase(code)));
  return isInside !== negated;
}

function isWithin(ranges: readonly number[], code: number): boolean {
  for (let index = 0; index < ranges.length; index += 2) {
    if (code >= (ranges[index] as number) && code <= (ranges[index + 1] as number)) return true; // ranges come in pairs
  }
  return false;
}

function otherCase(code: number): number {
  const char = String.fromCodePoint(code);
  const lower = char.toLowerCase();
  return (lower === char ? char.toUpperCase() : lower).codePointAt(0) as number; // no case mapping is empty
}

function holds(assertion: Assertion, text: string, index: number): boolean {
  switch (assertion) {
    case "start":
      return index === 0;
    case "end":
      return index === text.length;
    case "line-start":
      return index === 0 || text[index - 1] === "\n";
    case "line-end":
      return index === text.length || text[index] === "\n";
    case "boundary":
      return isWord(text[index - 1]) !== isWord(text[index]);
    case "inside":
      return isWord(text[index - 1]) === isWord(text[index]);
  }
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /\w/.test(char);
}
