/**
 * Makes tree nodes out of what the grammar matched. `lang.ne` names these functions; the tuple types say what each rule matches,
 * which nearley itself cannot check.
 *
 * Earley parsing also completes rules that a longer match makes obsolete, so nothing here may change what it was given: lists
 * grow as chains of `Cell`, and become arrays once, when a node takes them.
 */
import type {
  ArithmeticOperator,
  CharsPart,
  CompareOperator,
  Expression,
  ForPart,
  IfBranch,
  IfPart,
  Key,
  LogicNode,
  MapEntry,
  NamedArgument,
  OutputPart,
  Position,
  SetPart,
  SliceKey,
  TemplatePart,
} from "./ast.ts";
import { isRoot } from "./ast.ts";
import type { Token } from "./lexer.ts";
import { literalValue, unquote } from "./literals.ts";
import { syntaxError } from "./syntax-error.ts";

interface Cell<TItem> {
  readonly previous: Cell<TItem> | null;
  readonly item: TItem;
}
type Cells<TItem> = Cell<TItem> | null;

/** A row of AND or OR that may still grow; parentheses end it, so `(a AND b) AND c` keeps its two nodes. */
interface Chain {
  readonly kind: "chain";
  readonly operator: "and" | "or";
  readonly at: Position;
  readonly operands: Cell<Expression>;
}

export function toArray<TItem>(cells: Cells<TItem>): TItem[] {
  const items: TItem[] = [];
  for (let cell = cells; cell !== null; cell = cell.previous) items.push(cell.item);
  return items.reverse();
}

function at(token: Token): Position {
  return { offset: token.offset, line: token.line, column: token.col };
}

function finish(node: Expression | Chain): Expression {
  if (node.kind !== "chain") return node;
  return { kind: "logic", at: node.at, operator: node.operator, operands: toArray(node.operands) } satisfies LogicNode;
}

// --- lists
export const none = (): null => null;
export const first = <TItem>(d: [TItem]): Cell<TItem> => ({ previous: null, item: d[0] });
export const next = <TItem>(d: [Cell<TItem>, Token, TItem]): Cell<TItem> => ({ previous: d[0], item: d[2] });
export const after = <TItem>(d: [Cells<TItem>, TItem]): Cell<TItem> => ({ previous: d[0], item: d[1] });

// --- operators
export const operand = (d: [Expression | Chain]): Expression => finish(d[0]);

export function choice(d: [Expression | Chain, Token, Expression | Chain, Token, Expression]): Expression {
  const then = finish(d[0]);
  return { kind: "choice", at: then.at, condition: finish(d[2]), then, otherwise: d[4] };
}

export function chain(d: [Expression | Chain, Token, Expression | Chain]): Chain {
  const operator = d[1].type === "kAnd" ? "and" : "or";
  const [left, right] = [d[0], finish(d[2])];
  const operands = left.kind === "chain" ? left.operands : { previous: null, item: left };
  return { kind: "chain", operator, at: left.at, operands: { previous: operands, item: right } };
}

export function not(d: [Token, Expression]): Expression {
  return { kind: "not", at: at(d[0]), operand: d[1] };
}

export function compare(d: [Expression, Token, Expression]): Expression {
  const operator = d[1].text.toLowerCase().replace(/\s+/, " ") as CompareOperator; // the lexer's kCompare admits exactly these
  return { kind: "compare", at: at(d[1]), operator, left: d[0], right: d[2] };
}

export function test(d: [Expression, Token]): Expression {
  const words = d[1].text.split(/\s+/);
  return { kind: "test", at: d[0].at, test: words.at(-1) === "none" ? "none" : "defined", negated: words.length === 3, operand: d[0] };
}

export function coalesce(d: [Expression, Token, Expression]): Expression {
  return { kind: "coalesce", at: d[0].at, left: d[0], right: d[2] };
}

export function concat(d: [Expression, Token, Expression]): Expression {
  return { kind: "concat", at: at(d[1]), left: d[0], right: d[2] };
}

export function arithmetic(d: [Expression, Token, Expression]): Expression {
  const operator = d[1].text as ArithmeticOperator; // kAdditive and kTimes are exactly these
  return { kind: "arithmetic", at: at(d[1]), operator, left: d[0], right: d[2] };
}

export function negate(d: [Token, Expression]): Expression {
  return { kind: "negate", at: at(d[0]), operand: d[1] };
}

type Argument = Expression | NamedArgument;

function withArguments(name: Token, target: Expression, given: readonly Argument[]): Expression {
  const args: Expression[] = [];
  const named: NamedArgument[] = [];
  for (const argument of given) {
    if ("name" in argument && !("kind" in argument)) named.push(argument);
    else args.push(argument as Expression); // an argument without a name is an expression
  }
  return { kind: "filter", at: at(name), name: name.value, target, args, named };
}

export function filter(d: [Expression, Token, Token, Cells<Argument>?, Token?]): Expression {
  return withArguments(d[2], d[0], toArray(d[3] ?? null));
}

/** `f(x, a)`: the first argument is the target. */
export function call(d: [Token, Cells<Argument>, Token]): Expression {
  const [target, ...rest] = toArray(d[1]);
  if (target !== undefined && "kind" in target) return withArguments(d[0], target, rest);
  throw syntaxError(d[0], `\`${d[0].value}\` needs the value to work on as its first argument.`);
}

// --- values
export function path(d: [Token]): Expression {
  const token = d[0];
  const text = token.text;
  const names = text.split(".");
  let root = names[0] as string; // split never returns an empty array
  let keys: string[] = names.length > 1 ? names.slice(1) : [];
  if (text.charCodeAt(0) === 36) {
    root = root.slice(1);
    if (!isRoot(root)) {
      keys = [root, "output", ...keys];
      root = "steps";
    }
  }
  return { kind: "path", at: at(token), root, keys };
}

export const string = (d: [Token]): Expression => ({ kind: "literal", at: at(d[0]), value: unquote(d[0]) });
export const group = (d: [Token, Expression, Token]): Expression => d[1];

export function literal(d: [Token]): Expression {
  return { kind: "literal", at: at(d[0]), value: literalValue(d[0]) };
}

function extended(target: Expression, key: Key): Expression {
  if (target.kind === "path") return { kind: "path", at: target.at, root: target.root, keys: [...target.keys, key] };
  if (target.kind === "member") return { kind: "member", at: target.at, target: target.target, keys: [...target.keys, key] };
  return { kind: "member", at: target.at, target, keys: [key] };
}

export const member = (d: [Expression, Token]): Expression => extended(d[0], d[1].text.slice(1));

export function subscript(d: [Expression, Token, Expression | SliceKey, Token]): Expression {
  const key = d[2];
  const isFixed = key.kind === "literal" && (typeof key.value === "string" || typeof key.value === "number");
  return extended(d[0], isFixed ? (key.value as string | number) : key); // isFixed has just shown the type
}

export function slice(d: readonly (Expression | Token)[]): SliceKey {
  const colon = d.findIndex((part) => "type" in part && part.type === "kColon");
  const from = d[colon - 1] as Expression | undefined; // beside the colon the grammar has expressions only
  const to = d[colon + 1] as Expression | undefined;
  return { kind: "slice", from: from ?? null, to: to ?? null };
}

export const list = (d: [Token, Cells<Expression>, Token]): Expression => ({ kind: "list", at: at(d[0]), items: toArray(d[1]) });
export const entry = (d: [Token, Token, Expression]): MapEntry => ({ key: unquote(d[0]), value: d[2] });
export const map = (d: [Token, Cells<MapEntry>, Token]): Expression => ({ kind: "map", at: at(d[0]), entries: toArray(d[1]) });
export const named = (d: [Token, Token, Expression]): NamedArgument => ({ name: d[0].text, value: d[2] });

// --- text and templates
export function chars(d: [Cells<TemplatePart>, Token]): Cell<TemplatePart> {
  return { previous: d[0], item: { kind: "chars", at: at(d[1]), text: d[1].value } satisfies CharsPart };
}

export function output(d: [Token, Expression, ...Token[]]): OutputPart {
  return { kind: "output", at: at(d[0]), expression: d[1], raw: d.length === 4 };
}

/** Neighbouring characters (a comment or a raw block stood between them) become one part. */
export function joined(cells: Cells<TemplatePart>): TemplatePart[] {
  const parts: TemplatePart[] = [];
  for (const part of toArray(cells)) {
    const last = parts.at(-1);
    if (part.kind === "chars" && last?.kind === "chars") parts[parts.length - 1] = { ...last, text: last.text + part.text };
    else parts.push(part);
  }
  return parts;
}

interface Branches {
  readonly at: Position;
  readonly cells: Cell<IfBranch>;
}

export function firstBranch(d: [Token, Expression, Token, Cells<TemplatePart>]): Branches {
  return { at: at(d[0]), cells: { previous: null, item: { condition: d[1], body: joined(d[3]) } } };
}

export function nextBranch(d: [Branches, Token, Expression, Token, Cells<TemplatePart>]): Branches {
  return { at: d[0].at, cells: { previous: d[0].cells, item: { condition: d[2], body: joined(d[4]) } } };
}

export function conditional(d: [Branches, Token, Token, Cells<TemplatePart>?, ...Token[]]): IfPart {
  return { kind: "if", at: d[0].at, branches: toArray(d[0].cells), otherwise: joined(d[3] ?? null) };
}

type LoopHead = Pick<ForPart, "at" | "name" | "list" | "condition">;

export function loopHead(d: [Token, Expression | Chain, Token, Expression?, Token?]): LoopHead {
  return { at: at(d[0]), name: nameIn(d[0], /for\s+(\w+)/), list: finish(d[1]), condition: d[3] ?? null };
}

export function loop(d: [LoopHead, Cells<TemplatePart>, Token, Token, Cells<TemplatePart>?, ...Token[]]): ForPart {
  return { kind: "for", ...d[0], body: joined(d[1]), otherwise: joined(d[4] ?? null) };
}

export function assignment(d: [Token, Expression, Token]): SetPart {
  return { kind: "set", at: at(d[0]), name: nameIn(d[0], /set\s+(\w+)/), value: d[1] };
}

function nameIn(token: Token, pattern: RegExp): string {
  return pattern.exec(token.text)?.[1] ?? "";
}
