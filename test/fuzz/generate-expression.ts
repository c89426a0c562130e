/** Expressions that nobody would write: well-formed ones about anything, ones with a bite taken out, and plain noise of tokens. */
import { filterSignatures } from "../../grammar/filters.ts";

type Draw = (below: number) => number;

const FILTERS = Object.keys(filterSignatures);
const OPERATORS = "+ - * / % ~ == != < <= > >= in IN matches ?? and AND && or OR ||".split(" ").concat("not in");
const TESTS = ["defined", "defined", "defined", "none", "string", "odd"];

const NAMES = "input list item steps name deep text k value output".split(" ");
/** Names that have led out of other engines. */
const HOSTILE = [
  ..."constructor __proto__ prototype toString valueOf hasOwnProperty this self nothing env loop range $step1 $input $__proto__".split(" "),
  ..."globalThis process require module eval Function import window __class__ __globals__ __lookupGetter__".split(" "),
];
const TEXTS = [
  ...[
    "",
    "a",
    "constructor",
    "__proto__",
    "prototype",
    "return process",
    "{{ 7*7 }}",
    "$ {{ env.X }}",
    "(a+)+$",
    "aaaaaaaaaaaaaaaaaaaaaaaa!",
  ],
  ...["\\n", "\\u0000", "é", "2026-01-01", "1e999", '{"__proto__": {"a": 1}}', "[1, 2", "%s%n", "P1D", "x".repeat(300)],
];
const NUMBERS = ["0", "1", "-1", "2.5", "1e308", "1e-9", "9007199254740993", "007", "1_000", "0x1F"];
const NOISE = [
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  ".",
  ",",
  ":",
  "|",
  "'",
  '"',
  "?",
  "!",
  "=",
  "\\",
  "`",
  ";",
  "$",
  "@",
  "#",
  "\n",
  "\u0000",
  "🦀",
  "{{",
  "%}",
];

export function generateExpression(draw: Draw): string {
  const kind = draw(10);
  if (kind === 0) return Array.from({ length: 1 + draw(14) }, () => token(draw)).join(draw(2) === 0 ? " " : "");
  const sound = expression(draw, 1 + draw(5));
  return kind === 1 ? bitten(draw, sound) : sound;
}

const one = <TItem>(draw: Draw, items: readonly TItem[]): TItem => items[draw(items.length)] as TItem; // In range.
const name = (draw: Draw): string => one(draw, draw(6) === 0 ? HOSTILE : NAMES);
const quoted = (text: string, mark: string): string => `${mark}${text.replaceAll(mark, "")}${mark}`;

function expression(draw: Draw, depth: number): string {
  if (depth === 0) return operand(draw);
  const sub = (): string => expression(draw, draw(depth));
  switch (draw(13)) {
    case 0:
    case 1:
    case 2:
      return `(${sub()}) ${one(draw, OPERATORS)} (${sub()})`;
    case 3:
      return `${sub()} ${one(draw, OPERATORS)} ${sub()}`;
    case 4:
      return `${one(draw, ["not ", "!", "-", "NOT "])}(${sub()})`;
    case 5:
      return `(${sub()})[${sub()}]`;
    case 6:
      return `(${sub()}).${name(draw)}`;
    case 7:
      return `(${sub()}) | ${one(draw, FILTERS)}`;
    case 8:
      return `(${sub()}) | ${one(draw, FILTERS)}(${Array.from({ length: draw(3) }, sub).join(", ")})`;
    case 9:
      return `(${sub()}) is ${draw(2) === 0 ? "not " : ""}${one(draw, TESTS)}`;
    case 10:
      return `(${sub()}) if (${sub()}) else (${sub()})`;
    case 11:
      return draw(2) === 0 ? `[${sub()}, ${sub()}]` : `{${quoted(one(draw, TEXTS), "'")}: ${sub()}}`;
    default:
      return `${name(draw)}(${draw(2) === 0 ? "" : sub()})`;
  }
}

function operand(draw: Draw): string {
  switch (draw(6)) {
    case 0:
      return one(draw, NUMBERS);
    case 1:
      return quoted(one(draw, TEXTS), draw(2) === 0 ? "'" : '"');
    case 2:
      return one(draw, ["true", "false", "none", "null", "[]", "{}"]);
    case 3:
      return `${name(draw)}.${name(draw)}${draw(3) === 0 ? `[${draw(4)}]` : ""}`;
    default:
      return name(draw);
  }
}

function token(draw: Draw): string {
  return one(draw, [() => one(draw, NOISE), () => operand(draw), () => one(draw, OPERATORS), () => one(draw, FILTERS)])();
}

/** Something cut out, doubled or put in. */
function bitten(draw: Draw, text: string): string {
  const from = draw(text.length + 1);
  const to = Math.min(text.length, from + draw(4));
  return text.slice(0, from) + one(draw, ["", "", text.slice(from, to).repeat(2), one(draw, NOISE)]) + text.slice(to);
}
