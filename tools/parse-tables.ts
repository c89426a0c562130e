/**
 * LALR(1) tables of a grammar in the form that nearley compiles it to.
 *
 * A grammar without a conflict here has at most one tree for every input: a parser that reads by the tables never has a choice. So
 * they are a proof, not only a faster way to parse.
 */
import type { ParseTables } from "../grammar/table-parser.ts";

export interface GrammarRule {
  readonly name: string;
  /** A nonterminal by its name, a token by its type. */
  readonly symbols: readonly (string | { readonly type: string })[];
  readonly postprocess?: { readonly name: string } | undefined;
}

/** nearley's own function for `{% id %}`. */
const HANDS_ON = "id";

export class GrammarConflicts extends Error {
  readonly conflicts: readonly string[];

  constructor(conflicts: readonly string[]) {
    super(`The grammar is not LALR(1):\n${conflicts.join("\n")}`);
    this.conflicts = conflicts;
  }
}

/** @throws GrammarConflicts where one token ahead does not decide what to do */
export function computeParseTables(rules: readonly GrammarRule[], starts: readonly string[]): ParseTables {
  const grammar = numbered(rules, starts);
  const { states, firsts } = new Automaton(grammar);
  const conflicts: string[] = [];
  const rows = states.map((state) => {
    const actions = new Map<number, number>(state.targets);
    for (const { rule, before } of reductions(grammar, state, firsts)) {
      for (const token of before) {
        const other = actions.get(token);
        if (other !== undefined) conflicts.push(toConflict(grammar, rules, state, token, [other, rule]));
        else actions.set(token, -1 - rule);
      }
    }
    return toRow(actions, rules.length);
  });
  if (conflicts.length > 0) throw new GrammarConflicts(conflicts);
  return {
    tokens: grammar.names.slice(1, grammar.tokenCount),
    nonterminals: grammar.names.slice(grammar.tokenCount),
    starts: Object.fromEntries(starts.map((start, index) => [start, index])),
    handingOn: [...rules.keys()].filter((rule) => rules[rule]?.postprocess?.name === HANDS_ON && rules[rule].symbols.length === 1),
    rows,
  };
}

// --- the grammar in numbers

/** Symbols: the end of the input is 0, then tokens, then nonterminals. Behind the given rules stands one for each entry point. */
interface Grammar {
  readonly names: readonly string[];
  readonly tokenCount: number;
  readonly lefts: readonly number[];
  readonly rights: readonly (readonly number[])[];
  readonly rulesOf: ReadonlyMap<number, readonly number[]>;
  readonly startRules: readonly number[];
}

const END = 0;

function numbered(rules: readonly GrammarRule[], starts: readonly string[]): Grammar {
  const symbols = rules.flatMap((rule) => rule.symbols);
  const tokens = [...new Set(symbols.flatMap((symbol) => (typeof symbol === "string" ? [] : [symbol.type])))];
  const nonterminals = [...new Set(rules.map((rule) => rule.name))];
  const names = ["the end", ...tokens, ...nonterminals];
  const numberOf = new Map(nonterminals.map((name, index) => [name, 1 + tokens.length + index]));
  const tokenNumberOf = new Map(tokens.map((type, index) => [type, 1 + index]));
  const nonterminal = (name: string): number => {
    const number = numberOf.get(name);
    if (number === undefined) throw new Error(`no rule makes ${name}`);
    return number;
  };
  const rights = rules.map((rule) =>
    rule.symbols.map((symbol) => (typeof symbol === "string" ? nonterminal(symbol) : (tokenNumberOf.get(symbol.type) as number))),
  );
  const lefts = rules.map((rule) => nonterminal(rule.name));
  const rulesOf = Map.groupBy(lefts.keys(), (index) => lefts[index] as number);
  return {
    names,
    tokenCount: 1 + tokens.length,
    lefts,
    rights: [...rights, ...starts.map((start) => [nonterminal(start)])],
    rulesOf,
    startRules: starts.map((_, index) => rules.length + index),
  };
}

// --- states

/** `before` are the tokens that may follow the rule where it is used. */
interface Item {
  readonly rule: number;
  readonly dot: number;
  readonly before: Set<number>;
}
interface State {
  /** The shortest row of symbols that leads here. */
  readonly path: readonly string[];
  readonly kernel: readonly Item[];
  readonly targets: Map<number, number>;
}

/** States with the same rules and places are one; what may follow is united, which may open the state again (LALR). */
class Automaton {
  readonly states: State[] = [];
  readonly firsts: Firsts;
  readonly #grammar: Grammar;
  readonly #numbers = new Map<string, number>();
  readonly #open: number[] = [];

  constructor(grammar: Grammar) {
    this.#grammar = grammar;
    this.firsts = new Firsts(grammar);
    for (const rule of grammar.startRules) this.#enter([], [{ rule, dot: 0, before: new Set([END]) }]);
    for (let number = this.#open.shift(); number !== undefined; number = this.#open.shift()) this.#leave(this.states[number] as State);
  }

  #leave(state: State): void {
    const items = closure(this.#grammar, state.kernel, this.firsts).filter(({ rule, dot }) => dot < right(this.#grammar, rule).length);
    for (const [symbol, advancing] of Map.groupBy(items, ({ rule, dot }) => right(this.#grammar, rule)[dot] as number)) {
      const kernel = advancing.map(({ rule, dot, before }) => ({ rule, dot: dot + 1, before }));
      state.targets.set(symbol, this.#enter([...state.path, this.#grammar.names[symbol] as string], kernel));
    }
  }

  #enter(path: readonly string[], items: readonly Item[]): number {
    const key = items
      .map(({ rule, dot }) => `${rule}.${dot}`)
      .sort()
      .join(" ");
    const known = this.#numbers.get(key);
    if (known === undefined) {
      const number = this.states.push({ path, kernel: items.map(copied), targets: new Map() }) - 1;
      this.#numbers.set(key, number);
      this.#open.push(number);
      return number;
    }
    const { kernel } = this.states[known] as State;
    let grown = false;
    for (const { rule, dot, before } of items) {
      const same = kernel.find((item) => item.rule === rule && item.dot === dot) as Item; // the key is the same
      if (addAll(same.before, before)) grown = true;
    }
    if (grown && !this.#open.includes(known)) this.#open.push(known);
    return known;
  }
}

const copied = ({ rule, dot, before }: Item): Item => ({ rule, dot, before: new Set(before) });
const right = (grammar: Grammar, rule: number): readonly number[] => grammar.rights[rule] as readonly number[];

/** The items of a state: its kernel, and the beginnings of all rules that may begin there. */
function closure(grammar: Grammar, kernel: readonly Item[], firsts: Firsts): readonly Item[] {
  const items = kernel.map(copied);
  const beginnings = new Map<number, Item>();
  for (let grown = true; grown; ) {
    grown = false;
    for (const { rule, dot, before } of items) {
      const symbols = right(grammar, rule);
      const following = firsts.of(symbols.slice(dot + 1), before);
      for (const next of grammar.rulesOf.get(symbols[dot] ?? END) ?? []) {
        const known = beginnings.get(next);
        if (known !== undefined) grown = addAll(known.before, following) || grown;
        else {
          const item = { rule: next, dot: 0, before: new Set(following) };
          beginnings.set(next, item);
          items.push(item);
          grown = true;
        }
      }
    }
  }
  return items;
}

function addAll(set: Set<number>, more: Iterable<number>): boolean {
  const { size } = set;
  for (const one of more) set.add(one);
  return set.size > size;
}

/** The tokens that symbols can begin with. */
class Firsts {
  readonly #grammar: Grammar;
  readonly #firsts = new Map<number, Set<number>>();
  readonly #empty = new Set<number>();

  constructor(grammar: Grammar) {
    this.#grammar = grammar;
    for (const left of grammar.lefts) this.#firsts.set(left, new Set());
    for (let grown = true; grown; ) {
      grown = false;
      for (const [rule, left] of grammar.lefts.entries()) {
        const symbols = right(grammar, rule);
        const first = this.#firsts.get(left) as Set<number>;
        grown = addAll(first, this.of(symbols, [])) || grown;
        if (!this.#empty.has(left) && symbols.every((symbol) => this.#empty.has(symbol))) {
          this.#empty.add(left);
          grown = true;
        }
      }
    }
  }

  /** What the symbols begin with; `after` too, if all of them can be empty. */
  of(symbols: readonly number[], after: Iterable<number>): Set<number> {
    const found = new Set<number>();
    for (const symbol of symbols) {
      addAll(found, symbol < this.#grammar.tokenCount ? [symbol] : (this.#firsts.get(symbol) as Set<number>));
      if (!this.#empty.has(symbol)) return found;
    }
    addAll(found, after);
    return found;
  }
}

// --- rows

function reductions(grammar: Grammar, state: State, firsts: Firsts): readonly Item[] {
  return closure(grammar, state.kernel, firsts).filter(({ rule, dot }) => dot === right(grammar, rule).length);
}

/**
 * A state that can only reduce by one rule does so whatever comes: the tables become a third as large, and a token that fits nowhere
 * is still refused before it is taken. Never so for the end of an entry point, which must see the end.
 */
function toRow(actions: ReadonlyMap<number, number>, ruleCount: number): readonly number[] {
  const rules = new Set([...actions.values()].filter((action) => action < 0).map((action) => -1 - action));
  const [only = -1] = rules;
  const usual = rules.size === 1 && only < ruleCount ? only : -1;
  const others = [...actions].filter(([, action]) => action !== -1 - usual || action >= 0).sort(([left], [right]) => left - right);
  return [usual, ...others.flatMap(([symbol, action]) => [symbol, Math.max(action, -1 - ruleCount)])]; // one number for all ends
}

function toConflict(
  { names, startRules }: Grammar,
  rules: readonly GrammarRule[],
  { path }: State,
  token: number,
  actions: readonly [other: number, rule: number],
): string {
  const inWords = (rule: number): string => {
    const made = rules[rule];
    if (made === undefined) return `the end of an entry point (${startRules.indexOf(rule) + 1})`;
    return `${made.name} -> ${made.symbols.map((symbol) => (typeof symbol === "string" ? symbol : `%${symbol.type}`)).join(" ") || "null"}`;
  };
  const [other, rule] = actions;
  const choice = other < 0 ? `\`${inWords(-1 - other)}\`` : "reading on";
  return `behind \`${path.join(" ")}\`, before ${names[token]}: \`${inWords(rule)}\` or ${choice}`;
}
