/** Filters on numbers, and conversions to them. */
import { finite } from "../operators.ts";
import type { Filter } from "./filter.ts";

export const abs: Filter = (target, _, call) => Math.abs(call.number(target));

const PRECISION_MAX = 15;

/** Jinja2's `round`, whose `common` is Python's: a half goes to the even neighbour. */
export const round: Filter = (target, [precision, method], call) => {
  const value = call.number(target);
  const digits = call.wholeArgument(precision, "precision", 0);
  if (digits < 0 || digits > PRECISION_MAX)
    return call.fail(`rounds to 0 to ${PRECISION_MAX} decimals, not to ${digits}.`, "EXPR_ARGUMENT");
  const way = call.textArgument(method, "method", "common");
  const scale = 10 ** digits;
  switch (way) {
    case "common":
      return finite(roundHalfEven(value, digits), call.at);
    case "ceil":
      return finite(Math.ceil(value * scale) / scale, call.at);
    case "floor":
      return finite(Math.floor(value * scale) / scale, call.at);
    default:
      return call.fail(`rounds by \`common\`, \`ceil\` or \`floor\`, not \`${way}\`.`, "EXPR_ARGUMENT");
  }
};

/** From here on a double has no decimals, and `toFixed` changes its form. */
const WHOLE_FROM = 2 ** 53;
/** `toFixed` tells up to 100 decimals exactly; this many decide whether the rest is exactly one half. */
const HALF_DIGITS = 25;

/** `toFixed` is exact but rounds halves up: only an exact half needs the other neighbour. */
function roundHalfEven(value: number, digits: number): number {
  const size = Math.abs(value);
  if (size >= WHOLE_FROM) return value;
  const rounded = size.toFixed(digits);
  const rest = size.toFixed(digits + HALF_DIGITS).slice(-HALF_DIGITS);
  const isHalf = /^50*$/.test(rest);
  const isOdd = Number(rounded.at(-1)) % 2 === 1;
  const result = isHalf && isOdd ? Number((Number(rounded) - 10 ** -digits).toFixed(digits)) : Number(rounded);
  return Math.sign(value) * result;
}

const DECIMAL = /^[+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const PREFIXES: Readonly<Record<number, RegExp>> = { 2: /^0[bB]/, 8: /^0[oO]/, 16: /^0[xX]/ };

/** A decimal text as a finite number; null if it is none. */
function decimal(text: string): number | null {
  const trimmed = text.trim();
  const value = DECIMAL.test(trimmed) ? Number(trimmed.replaceAll("_", "")) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

/** A whole text in another base; null if it is none. */
function inBase(text: string, base: number): number | null {
  const sign = /^\s*([+-]?)/.exec(text)?.[1] ?? "";
  const digits = text
    .trim()
    .slice(sign.length)
    .replace(PREFIXES[base] ?? /^$/, "")
    .toLowerCase();
  const isValid = digits !== "" && [...digits].every((digit) => /[0-9a-z]/.test(digit) && Number.parseInt(digit, 36) < base);
  const value = isValid ? Number.parseInt(digits, base) : Number.NaN;
  return Number.isFinite(value) ? (sign === "-" ? -value : value) : null;
}

export const int: Filter = (target, [otherwise = 0, base], call) => {
  const radix = call.wholeArgument(base, "base", 10);
  if (radix < 2 || radix > 36) return call.fail(`reads numbers of base 2 to 36, not ${radix}.`, "EXPR_ARGUMENT");
  if (typeof target === "boolean") return target ? 1 : 0;
  if (typeof target === "number") return finite(Math.trunc(target), call.at);
  if (typeof target !== "string") return otherwise;
  const value = radix !== 10 ? inBase(call.text(target), radix) : decimal(call.text(target));
  if (value === null) return otherwise;
  return finite(Math.trunc(value), call.at);
};

export const float: Filter = (target, [otherwise = 0], call) => {
  if (typeof target === "boolean") return target ? 1 : 0;
  if (typeof target === "number") return target;
  if (typeof target !== "string") return otherwise;
  const value = decimal(call.text(target));
  return value === null ? otherwise : finite(value, call.at);
};
