import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DefinitionError } from "../src/core/errors.ts";
import { createDraw } from "../test/crash/draw.ts";
import { generateExpression } from "../test/fuzz/generate-expression.ts";
import { sentenceOf, WORDS } from "../test/support/sentences.ts";
import { createEntry } from "./entry.ts";
import compiled from "./lang.generated.ts";
import { ENTRY_POINTS, type EntryPoint } from "./lexer.ts";
import { parseExpression, parseTemplate, parseText } from "./parse.ts";
import { REFUSED, TableParser } from "./table-parser.ts";
import { tables } from "./tables.generated.ts";

const RUNS = Number(process.env.FUZZ_RUNS ?? 1_000);
const entryPoints = Object.keys(ENTRY_POINTS) as EntryPoint[];
const byTables = new TableParser(tables, compiled.ParserRules);
const byNearley = Object.fromEntries(entryPoints.map((start) => [start, createEntry<unknown>(compiled, start)]));

function readByNearley(start: EntryPoint, source: string): unknown {
  try {
    return byNearley[start]?.(source);
  } catch (thrown) {
    // two trees for one text would be DEF_AMBIGUOUS: that is no refusal
    if (thrown instanceof DefinitionError && thrown.code !== "DEF_AMBIGUOUS") return REFUSED;
    throw thrown;
  }
}

/** Compares what the two make of a source, and counts it. */
function compare(start: EntryPoint, source: string, seen: { read: number; refused: number }): void {
  const tree = byTables.read(start, source);
  expect(tree).toEqual(readByNearley(start, source));
  seen[tree === REFUSED ? "refused" : "read"]++;
}

const choices = fc.array(fc.nat(1_000), { maxLength: 120 });
const word = fc.constantFrom(...WORDS);

/** A sentence with some of its words left out, exchanged or put in. */
const mutated = (start: EntryPoint) =>
  fc
    .tuple(choices, fc.array(fc.tuple(fc.nat(), fc.nat(2), word), { minLength: 1, maxLength: 3 }), fc.constantFrom("", " "))
    .map(([numbers, changes, gap]) => {
      const words = sentenceOf(start, numbers);
      for (const [place, removed, added] of changes) words.splice(place % (words.length + 1), removed, added);
      return words.join(gap);
    });

describe.each(entryPoints)("the tables and nearley agree on %s", (start) => {
  test("for sentences of the grammar", () => {
    const seen = { read: 0, refused: 0 };
    fc.assert(
      fc.property(choices, (numbers) => compare(start, sentenceOf(start, numbers).join(" "), seen)),
      { numRuns: RUNS },
    );
    expect(seen.read).toBeGreaterThan(RUNS / 10);
  });

  test("for sentences with faults", () => {
    const seen = { read: 0, refused: 0 };
    fc.assert(
      fc.property(mutated(start), (source) => compare(start, source, seen)),
      { numRuns: RUNS },
    );
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(RUNS / 50);
  });

  test("for a soup of words", () => {
    const soup = fc.tuple(fc.array(word, { maxLength: 8 }), fc.constantFrom("", " ")).map(([words, gap]) => words.join(gap));
    const seen = { read: 0, refused: 0 };
    fc.assert(
      fc.property(soup, (source) => compare(start, source, seen)),
      { numRuns: RUNS },
    );
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(RUNS / 100);
  });
});

test("the tables and nearley agree on expressions that nobody would write", () => {
  const seen = { read: 0, refused: 0 };
  for (let seed = 1; seed <= 2 * RUNS; seed++) {
    const source = generateExpression(createDraw(seed));
    compare("expression", source, seen);
    compare("text", `a {{ ${source} }} b`, seen);
  }
  expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(RUNS / 5);
});

test("a parse that was given up in the middle leaves nothing to the next one", () => {
  // refused when the text behind the output has been found, and with it the output behind that
  expect(byTables.read("text", "{{ a < b < c }}text{{ d }}")).toBe(REFUSED);
  expect(parseText("x").parts).toMatchObject([{ kind: "chars", text: "x" }]);
});

test("a rule without a maker gives its parts, and an error of a maker's own passes through", () => {
  const small = { tokens: ["kPath"], nonterminals: ["expression"], starts: { expression: 0 }, handingOn: [] };
  const rows = [[-1, 1, 2, 2, 1], [-1, 0, -2], [0]];
  const rule = { name: "expression", symbols: [{ type: "kPath" }] };
  expect(new TableParser({ ...small, rows }, [rule]).read("expression", "a")).toMatchObject([{ text: "a" }]);
  const broken = { ...rule, postprocess: () => JSON.parse("{") };
  expect(() => new TableParser({ ...small, rows }, [broken]).read("expression", "a")).toThrow(SyntaxError);
});

test("a refusal tells what nearley expected", () => {
  expect(() => parseExpression("a b")).toThrow("An operator expected, but `b` stands here.");
  expect(() => parseTemplate("{% if a %}")).toThrow("`{% endif %}` expected");
});

test("any text is either read or refused with a place, whatever its characters", () => {
  const alphabet = [..."a $.[](){}%#-|&='\"\\1,:~?\n<é", "in", "not", "is", "if", "else", "for", "\ud800"];
  const anyText = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom(...alphabet), { maxLength: 40 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(anyText, fc.constantFrom(parseExpression, parseText, parseTemplate), (source, parse) => {
      try {
        parse(source);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(DefinitionError);
        expect((thrown as DefinitionError).place?.line).toBeGreaterThan(0);
        expect((thrown as DefinitionError).message).not.toMatch(/nearley|undefined|→/);
      }
    }),
    { numRuns: RUNS },
  );
});
