/**
 * Makes tree nodes out of what the grammar matched. `lang.ne` names these functions; the tuple types say what each rule matches,
 * which nearley itself cannot check.
 *
 * Earley parsing also completes rules that a longer match makes obsolete, so nothing here may change what it was given: lists
 * grow as chains of `Cell`, and become arrays once, when a node takes them.
 */
import type {
  CharsPart,
  Expression,
  ForPart,
  IfBranch,
  IfPart,
  Key,
  MapEntry,
  NamedArgument,
  OutputPart,
  Position,
  SetPart,
  SliceKey,
  TemplatePart,
} from "./ast.ts";
import { DEPTH_MAX, isRoot } from "./ast.ts";
import type { Token } from "./lexer.ts";
import { literalValue, unquote } from "./literals.ts";
import { fold, type Operand, type Row, type Unary, type Unfolded } from "./precedence.ts";
import { positionOf as at, syntaxError } from "./syntax-error.ts";

interface Cell<TItem> {
  readonly previous: Cell<TItem> | null;
  readonly item: TItem;
}
type Cells<TItem> = Cell<TItem> | null;

function toArray<TItem>(cells: Cells<TItem>): TItem[] {
  const items: TItem[] = [];
  for (let cell = cells; cell !== null; cell = cell.previous) items.push(cell.item);
  return items.reverse();
}

// --- lists
export const none = (): null => null;
export const first = <TItem>(d: [TItem]): Cell<TItem> => ({ previous: null, item: d[0] });
export const next = <TItem>(d: [Cell<TItem>, Token, TItem]): Cell<TItem> => ({ previous: d[0], item: d[2] });
export const after = <TItem>(d: [Cells<TItem>, TItem]): Cell<TItem> => ({ previous: d[0], item: d[1] });

// --- operators
export function choice(d: [Row, Token, Row, Token, Unfolded]): Unfolded {
  return { kind: "choice-row", chosen: d[0], condition: d[2], otherwise: d[4] };
}

export const row = (d: [Operand]): Row => ({ kind: "row", previous: null, operator: null, operand: d[0] });
export const binary = (d: [Row, Token, Operand]): Row => ({ kind: "row", previous: d[0], operator: d[1], operand: d[2] });
export const test = (d: [Row, Token]): Row => ({ kind: "row", previous: d[0], operator: d[1], operand: null });

export function unary(d: [Token, Operand]): Unary {
  const [operator, operand] = d;
  const depth = operand.kind === "unary" ? operand.depth + 1 : 1;
  if (depth > DEPTH_MAX) throw syntaxError(operator, `More than ${DEPTH_MAX} signs stand in a row.`);
  return { kind: "unary", operator, operand, depth };
}

interface NamedRow {
  readonly kind: "named";
  readonly name: string;
  readonly value: Unfolded;
}
type Argument = Unfolded | NamedRow;
export const named = (d: [Token, Token, Unfolded]): NamedRow => ({ kind: "named", name: d[0].text, value: d[2] });

function withArguments(name: Token, target: Expression, given: readonly Argument[]): Expression {
  const args: Expression[] = [];
  const named: NamedArgument[] = [];
  for (const argument of given) {
    if (argument.kind === "named") named.push({ name: argument.name, value: fold(argument.value) });
    else if (named.length === 0) args.push(fold(argument));
    else throw syntaxError(name, `\`${name.value}\` gets an argument without a name behind one with a name.`);
  }
  return { kind: "filter", at: at(name), name: name.value, target, args, named };
}

export function filter(d: [Expression, Token, Token, Cells<Argument>?, Token?]): Expression {
  return withArguments(d[2], d[0], toArray(d[3] ?? null));
}

/** `f(x, a)`: the first argument is the target. */
export function call(d: [Token, Cells<Argument>, Token]): Expression {
  const [target, ...rest] = toArray(d[1]);
  if (target !== undefined && target.kind !== "named") return withArguments(d[0], fold(target), rest);
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
export const group = (d: [Token, Unfolded, Token]): Expression => fold(d[1]);

export function literal(d: [Token]): Expression {
  return { kind: "literal", at: at(d[0]), value: literalValue(d[0]) };
}

function extended(target: Expression, key: Key): Expression {
  if (target.kind === "path") return { kind: "path", at: target.at, root: target.root, keys: [...target.keys, key] };
  if (target.kind === "member") return { kind: "member", at: target.at, target: target.target, keys: [...target.keys, key] };
  return { kind: "member", at: target.at, target, keys: [key] };
}

export const member = (d: [Expression, Token]): Expression => extended(d[0], d[1].text.slice(1));

interface SliceRow {
  readonly kind: "slice";
  readonly from: Unfolded | null;
  readonly to: Unfolded | null;
}

export function slice(d: readonly (Unfolded | Token)[]): SliceRow {
  const colon = d.findIndex((part) => "type" in part);
  const from = d[colon - 1] as Unfolded | undefined; // beside the colon the grammar has expressions only
  const to = d[colon + 1] as Unfolded | undefined;
  return { kind: "slice", from: from ?? null, to: to ?? null };
}

export function subscript(d: [Expression, Token, Unfolded | SliceRow, Token]): Expression {
  const given = d[2];
  if (given.kind === "slice") {
    const key: SliceKey = { kind: "slice", from: given.from && fold(given.from), to: given.to && fold(given.to) };
    return extended(d[0], key);
  }
  const key = fold(given);
  const isFixed = key.kind === "literal" && (typeof key.value === "string" || typeof key.value === "number");
  return extended(d[0], isFixed ? (key.value as string | number) : key); // isFixed has just shown the type
}

export function list(d: [Token, Cells<Unfolded>, Token]): Expression {
  return { kind: "list", at: at(d[0]), items: toArray(d[1]).map(fold) };
}

type EntryRow = readonly [key: Token, value: Unfolded];
export const entry = (d: [Token, Token, Unfolded]): EntryRow => [d[0], d[2]];

export function map(d: [Token, Cells<EntryRow>, Token]): Expression {
  const entries = toArray(d[1]).map(([key, value]): MapEntry => ({ key: unquote(key), value: fold(value) }));
  return { kind: "map", at: at(d[0]), entries };
}

// --- text and templates
export function chars(d: [Cells<TemplatePart>, Token]): Cell<TemplatePart> {
  return { previous: d[0], item: { kind: "chars", at: at(d[1]), text: d[1].value } satisfies CharsPart };
}

export function output(d: [Token, Unfolded, ...Token[]]): OutputPart {
  return { kind: "output", at: at(d[0]), expression: fold(d[1]), raw: d.length === 4 };
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

/** Branches grow while their last body does: conditions and bodies are finished once, at the end of the block. */
interface BranchRow {
  readonly condition: Unfolded;
  readonly body: Cells<TemplatePart>;
}
interface Branches {
  readonly at: Position;
  readonly cells: Cell<BranchRow>;
}

export function firstBranch(d: [Token, Unfolded, Token, Cells<TemplatePart>]): Branches {
  return { at: at(d[0]), cells: { previous: null, item: { condition: d[1], body: d[3] } } };
}

export function nextBranch(d: [Branches, Token, Unfolded, Token, Cells<TemplatePart>]): Branches {
  return { at: d[0].at, cells: { previous: d[0].cells, item: { condition: d[2], body: d[4] } } };
}

export function conditional(d: [Branches, Token, Token, Cells<TemplatePart>?, ...Token[]]): IfPart {
  const branches = toArray(d[0].cells).map(({ condition, body }): IfBranch => ({ condition: fold(condition), body: joined(body) }));
  return { kind: "if", at: d[0].at, branches, otherwise: joined(d[3] ?? null) };
}

type LoopHead = Pick<ForPart, "at" | "name" | "list" | "condition">;

export function loopHead(d: [Token, Row, Token, Unfolded?, Token?]): LoopHead {
  return { at: at(d[0]), name: nameIn(d[0], /for\s+(\w+)/), list: fold(d[1]), condition: d[3] === undefined ? null : fold(d[3]) };
}

export function loop(d: [LoopHead, Cells<TemplatePart>, Token, Token, Cells<TemplatePart>?, ...Token[]]): ForPart {
  return { kind: "for", ...d[0], body: joined(d[1]), otherwise: joined(d[4] ?? null) };
}

export function assignment(d: [Token, Unfolded, Token]): SetPart {
  return { kind: "set", at: at(d[0]), name: nameIn(d[0], /set\s+(\w+)/), value: fold(d[1]) };
}

function nameIn(token: Token, pattern: RegExp): string {
  return pattern.exec(token.text)?.[1] ?? "";
}
