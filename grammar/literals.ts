/** What literals mean, and how a text is written as a literal again. */
import type { Token } from "./lexer.ts";
import { syntaxError } from "./syntax-error.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  "0": "\0",
  "\\": "\\",
  "/": "/",
  '"': '"',
  "'": "'",
};

/** The text that a kString token means. Escapes are those of JSON, plus `\'` and `\0`; a `\` before anything else stands for itself, as in Python. */
export function unquote(token: Token): string {
  const body = token.text.slice(1, -1);
  if (!body.includes("\\")) return body;
  return body.replace(/\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[\s\S])/g, (whole, code: string) => {
    if (code.length === 1) return ESCAPES[code] ?? whole;
    const point = Number.parseInt(code.replace(/[ux{}]/g, ""), 16);
    if (point <= 0x10ffff) return String.fromCodePoint(point);
    throw syntaxError(token, `There is no character \`${whole}\`.`);
  });
}

/** The value of a kLiteral token: a number, or one of `true false null none`. */
export function literalValue(token: Token): number | boolean | null {
  switch (token.text.charCodeAt(0) | 32) {
    case 0x74:
      return true;
    case 0x66:
      return false;
    case 0x6e:
      return null;
    default: {
      const value = Number(token.value);
      if (Number.isFinite(value)) return value === 0 ? 0 : value; // -0 and 0 are one number
      throw syntaxError(token, `The number ${token.value} is too large.`);
    }
  }
}

/** A literal in double quotes that means `text`. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029\u007f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
