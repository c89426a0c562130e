/**
 * SQLite is an evaluator that others wrote. Random expressions of what both languages have are given to both, each in its own spelling,
 * and must come to the same value. A remainder of ours has the sign of the divisor, as in Jinja2; theirs is turned into that.
 */
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseExpression } from "../../grammar/parse.ts";
import type { Json } from "../core/json.ts";
import { evaluate } from "./evaluate.ts";
import { scopeOf } from "./scope.ts";

const EXPRESSIONS = 12_000;

/** One expression in both spellings. SQLite has 0 and 1 where we have false and true. */
interface Both {
  readonly ours: string;
  readonly sql: string;
}

const INPUT = { a: 3, b: -7, c: 2.5, s: "beam", t: "Slab 12", none: null, yes: true } as const;
const SQL_OF = { a: "3", b: "(-7)", c: "2.5", s: "'beam'", t: "'Slab 12'" } as const;

const variable = (name: keyof typeof SQL_OF): Both => ({ ours: `input.${name}`, sql: SQL_OF[name] });
const binary =
  (ours: string, sql = ours) =>
  ([left, right]: readonly [Both, Both]): Both => ({
    ours: `(${left.ours} ${ours} ${right.ours})`,
    sql: `(${left.sql} ${sql} ${right.sql})`,
  });
const text = (value: string): Both => ({ ours: JSON.stringify(value), sql: `'${value.replaceAll("'", "''")}'` });

interface Trees {
  number: Both;
  whole: Both;
  word: Both;
  truth: Both;
}

const { number, word, truth } = fc.letrec<Trees>((tie: fc.LetrecTypedTie<Trees>) => {
  const choice = (of: fc.Arbitrary<Both>, kind: keyof Trees): fc.Arbitrary<Both> =>
    fc.tuple(tie("truth"), of, tie(kind)).map(([when, yes, no]) => ({
      ours: `(${yes.ours} if ${when.ours} else ${no.ours})`,
      sql: `(CASE WHEN ${when.sql} THEN ${yes.sql} ELSE ${no.sql} END)`,
    }));
  const listOf = (kind: keyof Trees, not: boolean): fc.Arbitrary<Both> =>
    fc.tuple(tie(kind), fc.array(tie(kind), { minLength: 1, maxLength: 4 })).map(([item, items]) => ({
      ours: `(${item.ours} ${not ? "NOT IN" : "IN"} [${items.map(({ ours }) => ours).join(", ")}])`,
      sql: `(${item.sql} ${not ? "NOT IN" : "IN"} (${items.map(({ sql }) => sql).join(", ")}))`,
    }));
  const pair = (kind: keyof Trees): fc.Arbitrary<readonly [Both, Both]> => fc.tuple(tie(kind), tie(kind));
  return {
    whole: fc.oneof(
      { maxDepth: 3, depthIdentifier: "n" },
      fc.integer({ min: 0, max: 99 }).map((value) => ({ ours: String(value), sql: String(value) })),
      fc.constantFrom(variable("a"), variable("b")),
      pair("whole").map(binary("+")),
      pair("whole").map(binary("-")),
      // Small factors keep products where both count exactly.
      fc
        .tuple(tie("whole"), fc.constantFrom(2, 3, -5))
        .map(([value, by]) => ({ ours: `(${value.ours} * ${by})`, sql: `(${value.sql} * ${by})` })),
      fc
        .tuple(tie("whole"), fc.constantFrom(2, 3, 7))
        .map(([value, by]) => ({ ours: `(${value.ours} % ${by})`, sql: `(((${value.sql} % ${by}) + ${by}) % ${by})` })),
      tie("whole").map(({ ours, sql }) => ({ ours: `(-${ours})`, sql: `(-${sql})` })),
      tie("whole").map(({ ours, sql }) => ({ ours: `abs(${ours})`, sql: `abs(${sql})` })),
      tie("word").map(({ ours, sql }) => ({ ours: `length(${ours})`, sql: `length(${sql})` })),
      tie("whole").map(({ ours, sql }) => ({ ours: `(input.none ?? ${ours})`, sql: `coalesce(NULL, ${sql})` })),
    ),
    number: fc.oneof(
      { maxDepth: 3, depthIdentifier: "n" },
      tie("whole"),
      fc.constant(variable("c")),
      fc
        .tuple(tie("whole"), fc.constantFrom(2, 4, 8))
        .map(([value, by]) => ({ ours: `(${value.ours} / ${by})`, sql: `(${value.sql} * 1.0 / ${by})` })),
      choice(tie("whole"), "whole"),
    ),
    word: fc.oneof(
      { maxDepth: 3, depthIdentifier: "n" },
      fc.constantFrom(variable("s"), variable("t"), text(""), text("a b"), text("it's"), text("<&>")),
      pair("word").map(binary("~", "||")),
      tie("word").map(({ ours, sql }) => ({ ours: `upper(${ours})`, sql: `upper(${sql})` })),
      tie("word").map(({ ours, sql }) => ({ ours: `(${ours} | lower)`, sql: `lower(${sql})` })),
      choice(tie("word"), "word"),
    ),
    truth: fc.oneof(
      { maxDepth: 4, depthIdentifier: "n" },
      fc.constantFrom<Both>({ ours: "true", sql: "1" }, { ours: "false", sql: "0" }, { ours: "input.yes", sql: "1" }),
      ...["==", "!=", "<", "<=", ">", ">="].flatMap((operator) => [
        pair("number").map(binary(operator)),
        pair("word").map(binary(operator)),
      ]),
      pair("truth").map(binary("AND")),
      pair("truth").map(binary("&&", "AND")),
      pair("truth").map(binary("or", "OR")),
      pair("truth").map(binary("||", "OR")),
      tie("truth").map(({ ours, sql }) => ({ ours: `(NOT ${ours})`, sql: `(NOT ${sql})` })),
      tie("truth").map(({ ours, sql }) => ({ ours: `(!${ours})`, sql: `(NOT ${sql})` })),
      listOf("whole", false),
      listOf("word", true),
    ),
  };
});

test(`${EXPRESSIONS} random expressions come to what SQLite makes of them`, () => {
  using database = new DatabaseSync(":memory:");
  const scope = scopeOf({ input: INPUT });
  let seen = 0;
  fc.assert(
    fc.property(fc.oneof(number, word, truth), ({ ours, sql }) => {
      // Bounded like every source; what is longer is refused, which is another test.
      fc.pre(ours.length < 4_000);
      seen += 1;
      const theirs = database.prepare(`SELECT ${sql} AS value`).get()?.value as Json;
      const value = evaluate(parseExpression(ours), scope);
      const plain = typeof value === "boolean" ? Number(value) : value;
      expect([ours, plain]).toEqual([ours, theirs]);
    }),
    { numRuns: EXPRESSIONS },
  );
  expect(seen).toBeGreaterThanOrEqual(10_000);
});
