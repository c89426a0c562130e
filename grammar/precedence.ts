/** The levels of the operators, and the folding of a row `a + b == c AND NOT d` into a tree by them. */
import type { ArithmeticOperator, CompareOperator, Expression, Position } from "./ast.ts";
import type { Token } from "./lexer.ts";
import { positionOf, syntaxError } from "./syntax-error.ts";

/** Loosest first. A node stands without parentheses wherever a level up to its own is asked for. */
export const LEVEL = {
  choice: 0,
  or: 1,
  and: 2,
  not: 3,
  comparison: 4,
  coalesce: 5,
  concat: 6,
  sum: 7,
  product: 8,
  signed: 9,
  filtered: 10,
  value: 11,
} as const;
export type Level = (typeof LEVEL)[keyof typeof LEVEL];

/** An operand with the signs and NOTs before it. */
export interface Unary {
  readonly kind: "unary";
  readonly operator: Token;
  readonly operand: Operand;
  readonly depth: number;
}
export type Operand = Expression | Unary;

/** One more operator and operand behind a row; `x is defined` has an operator only. A row grows by links, so nothing is copied. */
export interface Row {
  readonly kind: "row";
  readonly previous: Row | null;
  readonly operator: Token | null;
  readonly operand: Operand | null;
}
export interface ChoiceRow {
  readonly kind: "choice-row";
  readonly chosen: Row;
  readonly condition: Row;
  readonly otherwise: Unfolded;
}
/** What the grammar gives for an expression. Folded by whatever takes it, so that a row is folded once, not at every operand. */
export type Unfolded = Row | ChoiceRow;

const COMPARISONS: readonly CompareOperator[] = ["==", "!=", "<", "<=", ">", ">=", "in", "not in", "matches"];
const COMPARISON_OF_TEXT = new Map<string, CompareOperator>(COMPARISONS.map((operator) => [operator, operator]));

const LEVEL_OF_TEXT = new Map<string, Level>([
  ["or", LEVEL.or],
  ["||", LEVEL.or],
  ["and", LEVEL.and],
  ["&&", LEVEL.and],
  ["??", LEVEL.coalesce],
  ["~", LEVEL.concat],
  ["+", LEVEL.sum],
  ["-", LEVEL.sum],
  ["*", LEVEL.product],
  ["/", LEVEL.product],
  ["%", LEVEL.product],
  ...COMPARISONS.map((operator) => [operator, LEVEL.comparison] as const),
]);

/** What is written in no usual way is a comparison: `not  in`, `is defined`. */
function levelOf({ text }: Token): Level {
  return LEVEL_OF_TEXT.get(text) ?? LEVEL_OF_TEXT.get(text.toLowerCase()) ?? LEVEL.comparison;
}

export function fold(unfolded: Unfolded): Expression {
  if (unfolded.kind === "row")
    return unfolded.previous === null && unfolded.operand?.kind !== "unary" ? (unfolded.operand as Expression) : foldRow(unfolded); // the first of a row has an operand
  const then = fold(unfolded.chosen);
  return { kind: "choice", at: then.at, condition: fold(unfolded.condition), then, otherwise: fold(unfolded.otherwise) };
}

function foldRow(row: Row): Expression {
  const pieces: Row[] = [];
  for (let piece: Row | null = row; piece !== null; piece = piece.previous) pieces.push(piece);
  return new Fold(pieces.reverse()).expression(LEVEL.or);
}

/** Precedence climbing over the pieces of one row. */
class Fold {
  readonly #pieces: readonly Row[];
  #index = 0;

  constructor(pieces: readonly Row[]) {
    this.#pieces = pieces;
  }

  /** The longest expression from here that holds no operator looser than `least`. */
  expression(least: Level): Expression {
    // only the piece of a test has no operand, and #test steps over it
    const operand = this.#pieces[this.#index++]?.operand as Operand;
    return this.#climb(this.#operand(operand, least), least);
  }

  #climb(start: Expression, least: Level): Expression {
    let left = start;
    for (let operator = this.#next(); operator !== null; operator = this.#next()) {
      const level = levelOf(operator);
      if (level < least) break;
      left = this.#joined(left, operator, level);
    }
    return left;
  }

  #next(): Token | null {
    return this.#pieces[this.#index]?.operator ?? null;
  }

  #joined(left: Expression, operator: Token, level: Level): Expression {
    const at = positionOf(operator);
    switch (level) {
      case LEVEL.or:
      case LEVEL.and:
        return this.#logic(left, level);
      case LEVEL.comparison:
        return this.#comparison(left, operator);
      case LEVEL.coalesce:
        return this.#coalesce(left);
      case LEVEL.concat:
        return { kind: "concat", at, left, right: this.expression(LEVEL.sum) };
      default:
        // sums and products are written as the operator itself
        return {
          kind: "arithmetic",
          at,
          operator: operator.text as ArithmeticOperator,
          left,
          right: this.expression((level + 1) as Level),
        };
    }
  }

  /** All operands of one AND or OR; parentheses end it, so `(a AND b) AND c` keeps its two nodes. */
  #logic(left: Expression, level: typeof LEVEL.or | typeof LEVEL.and): Expression {
    const operands = [left];
    for (let operator = this.#next(); operator !== null && levelOf(operator) === level; operator = this.#next()) {
      operands.push(this.expression((level + 1) as Level)); // one tighter than OR or AND exists
    }
    return { kind: "logic", at: left.at, operator: level === LEVEL.or ? "or" : "and", operands };
  }

  /** Groups to the right, without recursion: a row may be thousands long before `check.ts` refuses its depth. */
  #coalesce(left: Expression): Expression {
    const operands = [left];
    for (let operator = this.#next(); operator !== null && levelOf(operator) === LEVEL.coalesce; operator = this.#next()) {
      operands.push(this.expression(LEVEL.concat));
    }
    return operands.reduceRight((right, one) => ({ kind: "coalesce", at: one.at, left: one, right }));
  }

  #comparison(left: Expression, operator: Token): Expression {
    const compared = operator.type === "kTest" ? this.#test(left, operator) : this.#compare(left, operator);
    const following = this.#next();
    if (following === null || levelOf(following) !== LEVEL.comparison) return compared;
    throw syntaxError(following, `\`${following.text}\` follows another comparison.`, "Join comparisons with AND, or add parentheses.");
  }

  #compare(left: Expression, token: Token): Expression {
    const { text } = token;
    const operator = COMPARISON_OF_TEXT.get(text) ?? (text.toLowerCase().replace(/\s+/, " ") as CompareOperator); // the lexer admits exactly these
    return { kind: "compare", at: positionOf(token), operator, left, right: this.expression(LEVEL.coalesce) };
  }

  #test(operand: Expression, token: Token): Expression {
    this.#index++;
    const words = token.text.split(/\s+/);
    return { kind: "test", at: operand.at, test: words.at(-1) === "none" ? "none" : "defined", negated: words.length === 3, operand };
  }

  /** A sign takes what binds as tight as itself; NOT takes the comparison behind it, and stands only where one may. */
  #operand(operand: Operand, least: Level): Expression {
    if (operand.kind !== "unary") return operand;
    const { operator } = operand;
    const at: Position = positionOf(operator);
    if (operator.text === "-") return { kind: "negate", at, operand: this.#operand(operand.operand, LEVEL.signed) };
    if (least > LEVEL.not)
      throw syntaxError(
        operator,
        `\`${operator.text}\` stands behind an operator that binds tighter.`,
        "Put it and its operand in parentheses.",
      );
    return { kind: "not", at, operand: this.#climb(this.#operand(operand.operand, LEVEL.not), LEVEL.comparison) };
  }
}
