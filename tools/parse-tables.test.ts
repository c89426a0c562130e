import { describe, expect, test } from "vitest";
import compiled from "../grammar/lang.generated.ts";
import { ENTRY_POINTS } from "../grammar/lexer.ts";
import type { ParseTables } from "../grammar/table-parser.ts";
import { computeParseTables, GrammarConflicts, type GrammarRule } from "./parse-tables.ts";

/** Rules as in a book: capitals are nonterminals, the first is where the grammar begins. */
function grammar(...lines: readonly string[]): readonly GrammarRule[] {
  return lines.flatMap((line) => {
    const [name = "", right = ""] = line.split("->").map((part) => part.trim());
    return right.split("|").map((choice) => ({
      name,
      symbols: [...choice.replaceAll(" ", "")].map((char) => (/[A-Z]/.test(char) ? char : { type: char })),
    }));
  });
}

function conflictsOf(rules: readonly GrammarRule[], ...starts: readonly string[]): readonly string[] {
  try {
    computeParseTables(rules, starts.length === 0 ? [rules[0]?.name ?? ""] : starts);
    return [];
  } catch (thrown) {
    if (thrown instanceof GrammarConflicts) return thrown.conflicts;
    throw thrown;
  }
}

/** Reads tokens of one character by the tables; the rules reduced, in order, or null. */
function derivation(tables: ParseTables, rules: readonly GrammarRule[], start: string, text: string): number[] | null {
  const names = ["", ...tables.tokens, ...tables.nonterminals];
  const states = [tables.starts[start] as number];
  const reduced: number[] = [];
  const actionFor = (symbol: number): number | null => {
    const [usual = -1, ...pairs] = tables.rows[states.at(-1) as number] as readonly number[];
    for (let index = 0; index < pairs.length; index += 2) if (pairs[index] === symbol) return pairs[index + 1] as number;
    return usual < 0 ? null : -1 - usual;
  };
  for (let index = 0; ; ) {
    const action = actionFor(index < text.length ? names.indexOf(text[index] as string) : 0);
    if (action === null) return null;
    if (action >= 0) {
      states.push(action);
      index++;
      continue;
    }
    const rule = rules[-1 - action];
    if (rule === undefined) return reduced;
    reduced.push(-1 - action);
    states.length -= rule.symbols.length;
    states.push(actionFor(names.indexOf(rule.name)) as number);
  }
}

describe("a grammar that one token ahead decides has tables", () => {
  test.each<readonly [string, readonly GrammarRule[], readonly string[], readonly string[]]>([
    ["sums and products", grammar("E -> E+T | T", "T -> T*F | F", "F -> (E) | i"), ["i", "i+i*i", "(i+i)*i"], ["", "i+", "ii", "(i", "+i"]],
    ["assignments, which SLR cannot read", grammar("S -> L=R | R", "L -> *R | i", "R -> L"), ["i=i", "*i=**i", "i"], ["i=", "=i", "i=i=i"]],
    ["rules that may be empty", grammar("S -> A b", "A -> B C", "B -> x |", "C -> y |"), ["b", "xb", "yb", "xyb"], ["", "yxb", "x"]],
    ["lists that grow to the left", grammar("S -> | S a"), ["", "a", "aaaa"], ["b", "ab"]],
    ["lists that grow to the right", grammar("S -> | a S"), ["", "a", "aaaa"], ["ab"]],
    ["twice the same", grammar("S -> A A", "A -> a A | b"), ["bb", "abaab"], ["b", "bbb", "aab"]],
  ])("%s", (_, rules, read, refused) => {
    const tables = computeParseTables(rules, [rules[0]?.name ?? ""]);
    const derive = (text: string) => derivation(tables, rules, rules[0]?.name ?? "", text);
    for (const text of read) expect(derive(text), text).not.toBeNull();
    for (const text of refused) expect(derive(text), text).toBeNull();
  });

  test("the rules come in the order in which a tree is built from the left", () => {
    const rules = grammar("E -> E+T | T", "T -> T*F | F", "F -> (E) | i");
    expect(derivation(computeParseTables(rules, ["E"]), rules, "E", "i+i*i")).toEqual([5, 3, 1, 5, 3, 5, 2, 0]);
  });

  test("every entry point has its own beginning and end", () => {
    const rules = grammar("S -> a T", "T -> b | b T");
    const tables = computeParseTables(rules, ["S", "T"]);
    expect(derivation(tables, rules, "S", "abb")).not.toBeNull();
    expect(derivation(tables, rules, "T", "bb")).not.toBeNull();
    expect(derivation(tables, rules, "T", "abb")).toBeNull();
  });

  test("a rule of nearley's `id` is marked, if it has one part", () => {
    const id = (parts: unknown[]) => parts[0];
    const rules = grammar("S -> A | A b", "A -> a").map((rule) => ({ ...rule, postprocess: id }));
    expect(computeParseTables(rules, ["S"]).handingOn).toEqual([0, 2]);
  });
});

describe("a conflict is told with the way to it", () => {
  test.each<readonly [string, readonly GrammarRule[], string]>([
    ["a sum without sides", grammar("E -> E+E | i"), "behind `E + E`, before +: `E -> E %+ E` or reading on"],
    ["the dangling else", grammar("S -> iS | iSeS | x"), "behind `i S`, before e: `S -> %i S` or reading on"],
    ["two rules for one text", grammar("S -> A | B", "A -> x", "B -> x"), "behind `x`, before the end: `B -> %x` or `A -> %x`"],
    ["emptiness in two ways", grammar("S -> A | B", "A ->", "B ->"), "behind ``, before the end: `B -> null` or `A -> null`"],
    ["a rule that leads to itself", grammar("S -> S | x"), "behind `S`, before the end: `S -> S` or `the end of an entry point (1)`"],
    ["what is LR(1), but not LALR(1)", grammar("S -> aAd | bBd | aBe | bAe", "A -> c", "B -> c"), "before d: `B -> %c` or `A -> %c`"],
    ["palindromes, which need more than one token ahead", grammar("S -> aSa | a"), "behind `a`, before a: `S -> %a` or reading on"],
  ])("%s", (_, rules, told) => {
    expect(conflictsOf(rules).join("\n")).toContain(told);
  });

  test("a name that no rule makes is an error", () => {
    expect(() => computeParseTables(grammar("S -> A"), ["S"])).toThrow("no rule makes A");
    expect(() => computeParseTables(grammar("S -> a"), ["T"])).toThrow("no rule makes T");
  });
});

describe("the language", () => {
  const rules = compiled.ParserRules as GrammarRule[]; // symbols that are no text are tokens
  const starts = Object.keys(ENTRY_POINTS);

  test("has no conflict, so no text has two trees", () => {
    expect(conflictsOf(rules, ...starts)).toEqual([]);
  });

  test.each<readonly [string, GrammarRule]>([
    ["two rows side by side", { name: "row", symbols: ["row", { type: "kBinary" }, "row"] }],
    ["a second way to a path", { name: "operand", symbols: [{ type: "kPath" }] }],
    [
      "an if that begins with an if",
      { name: "expression", symbols: ["expression", { type: "kIf" }, "row", { type: "kElse" }, "expression"] },
    ],
    ["an output that may be empty", { name: "output", symbols: [] }],
  ])("would not have this proof with %s", (_, rule) => {
    expect(conflictsOf([...rules, rule], ...starts)).not.toEqual([]);
  });
});
