/**
 * An entry point of a grammar as nearley reads it: source text to what its rules make of it. `table-parser.ts` does the same faster; this
 * one is the reference, and knows at each token what could have come instead.
 *
 * nearley's own messages dump its tables, so they are never built: on a refusal the tokens it could have gone on with are read
 * from its table and told in words (`expected.ts`).
 */
import nearley from "nearley";
import { endsTooEarly, unexpected } from "./expected.ts";
import { type EntryPoint, type Origin, type Token, tokens } from "./lexer.ts";
import { placedError } from "./syntax-error.ts";

/** The part of a nearley column that tells what could have come next. */
interface Column {
  readonly scannable: readonly { readonly rule: { readonly symbols: readonly { readonly type: string }[] }; readonly dot: number }[];
}

/** One parser per entry point, set back to its first column before each use: predicting that column is a third of a short parse. */
export function createEntry<TTree>(rules: object, start: EntryPoint): (source: string, origin?: Origin) => TTree {
  // the types of nearley know neither the second overload nor the table
  const parser = new nearley.Parser(nearley.Grammar.fromCompiled({ ...rules, ParserStart: start } as never)) as nearley.Parser & {
    table: Column[];
    reportError: () => string;
  };
  parser.reportError = () => "refused";
  const beginning = parser.save();
  return (source, origin) => {
    parser.restore(beginning);
    tokens.open(start, origin);
    try {
      parser.feed(source);
    } catch (thrown) {
      const token = (thrown as { token?: Token }).token; // nearley adds the token it could not place
      if (token === undefined) throw thrown;
      throw unexpected(token, expectedTypes(parser.table[parser.current]), tokens.last);
    }
    const { results } = parser;
    if (results.length === 1) return results[0];
    const end = tokens.last;
    if (results.length === 0) throw endsTooEarly(end, expectedTypes(parser.table[parser.current]), origin);
    throw placedError("DEF_AMBIGUOUS", { offset: 0, line: origin?.line ?? 1, column: origin?.column ?? 1 }, source.length, {
      count: results.length,
    });
  };
}

function expectedTypes(column: Column | undefined): Set<string> {
  const types = new Set<string>();
  for (const state of column?.scannable ?? []) types.add(state.rule.symbols[state.dot]?.type ?? "");
  return types;
}
