/**
 * Reads by tables that `tools/parse-tables.ts` computes from the grammar's own rules: one look at a table for each token and rule, no
 * search. It only tells that a source is refused; why is told by nearley (`entry.ts`), which reads by the same rules.
 */
import { isTroupeError } from "../src/core/errors.ts";
import { type EntryPoint, type Origin, tokens as source, type Token } from "./lexer.ts";

/**
 * Symbols are numbered: the end of the input is 0, then tokens, then nonterminals. A state's row begins with the rule that is reduced
 * where the row says nothing else (-1: none, the source is refused); then come pairs of a symbol and an action: from 0 on a state to
 * go to, below 0 the rule `-1 - action` to reduce. The number behind the last rule ends the parse.
 */
export interface ParseTables {
  readonly tokens: readonly string[];
  readonly nonterminals: readonly string[];
  /** First state by entry point. */
  readonly starts: Readonly<Record<string, number>>;
  /** Rules that only hand on their one part. */
  readonly handingOn: readonly number[];
  readonly rows: readonly (readonly number[])[];
}

interface CompiledRule {
  readonly name: string;
  readonly symbols: readonly unknown[];
  readonly postprocess?: Make | undefined;
}

/** The answer to a source that the rules do not admit. */
export const REFUSED: unique symbol = Symbol("refused");

const END = 0;
const NO_ACTION = 0x7fff;

type Make = (parts: unknown[]) => unknown;
const handOn: Make = (parts) => parts[0];
const keepParts: Make = (parts) => parts;

export class TableParser {
  readonly #starts: Readonly<Record<string, number>>;
  readonly #symbols: ReadonlyMap<string | undefined, number>;
  readonly #width: number;
  /** State by symbol. */
  readonly #actions: Int16Array;
  readonly #lefts: readonly number[];
  readonly #lengths: readonly number[];
  readonly #makers: readonly Make[];

  constructor({ tokens, nonterminals, starts, handingOn, rows }: ParseTables, rules: readonly CompiledRule[]) {
    const symbols = new Map([undefined, ...tokens, ...nonterminals].map((name, index) => [name, index]));
    this.#starts = starts;
    this.#symbols = symbols;
    this.#width = symbols.size;
    this.#actions = new Int16Array(rows.length * symbols.size).fill(NO_ACTION);
    for (const [state, [usual = -1, ...pairs]] of rows.entries()) {
      const from = state * symbols.size;
      if (usual >= 0) this.#actions.fill(-1 - usual, from, from + 1 + tokens.length);
      for (let index = 0; index < pairs.length; index += 2) this.#actions[from + (pairs[index] as number)] = pairs[index + 1] as number;
    }
    this.#lefts = rules.map(({ name }) => symbols.get(name) as number); // the tables are those of these rules
    this.#lengths = rules.map((rule) => rule.symbols.length);
    this.#makers = rules.map(({ postprocess = keepParts }, rule) => (handingOn.includes(rule) ? handOn : postprocess));
  }

  /** What the rules of an entry point make of the text, or `REFUSED`. */
  read(start: EntryPoint, text: string, origin?: Origin): unknown {
    source.open(start, origin);
    source.reset(text);
    try {
      return this.#read(this.#starts[start] as number); // an entry point of the tables
    } catch (thrown) {
      if (isTroupeError(thrown)) return REFUSED;
      throw thrown;
    }
  }

  #read(start: number): unknown {
    const actions = this.#actions;
    const width = this.#width;
    const states = [start];
    const values: unknown[] = [null];
    let top = 0; // of both stacks; what stands above it is left over
    let token = source.next();
    let symbol = this.#symbolOf(token);
    while (symbol !== undefined) {
      const action = actions[(states[top] as number) * width + symbol] as number; // states and symbols are those of the tables, here and below
      if (action === NO_ACTION) return REFUSED;
      if (action >= 0) {
        top++;
        states[top] = action;
        values[top] = token;
        token = source.next();
        symbol = this.#symbolOf(token);
        continue;
      }
      const rule = -1 - action;
      const make = this.#makers[rule];
      if (make === undefined) return values[top];
      const under = top - (this.#lengths[rule] as number);
      // Most rules have one part, and a literal is faster than a slice.
      if (make !== handOn) values[under + 1] = make(under + 1 === top ? [values[top]] : values.slice(under + 1, top + 1));
      top = under + 1;
      states[top] = actions[(states[under] as number) * width + (this.#lefts[rule] as number)] as number;
    }
    return REFUSED;
  }

  #symbolOf(token: Token | undefined): number | undefined {
    return token === undefined ? END : this.#symbols.get(token.type);
  }
}
