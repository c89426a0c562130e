/** Refusals of the parser in words: what stands there, what could stand there, and what the author may have meant. */
import type { DefinitionError } from "../src/core/errors.ts";
import { nearestName } from "../src/core/nearest.ts";
import type { Origin, Token } from "./lexer.ts";
import { placedError, syntaxError } from "./syntax-error.ts";

const VALUE = "a value";
const OPERATOR = "an operator";

/** Token types in the words of a message. Types that share words are told once; types left out are not worth telling. */
const WORDS: Readonly<Record<string, string>> = {
  kPath: VALUE,
  kLiteral: VALUE,
  kString: VALUE,
  kCall: VALUE,
  kOpen: VALUE,
  kOpenList: VALUE,
  kOpenMap: VALUE,
  kBinary: OPERATOR,
  kTest: OPERATOR,
  kPipe: OPERATOR,
  kElse: "`else`",
  kClose: "`)`",
  kCloseList: "`]`",
  kCloseMap: "`}`",
  kComma: "`,`",
  kColon: "`:`",
  kCloseOutput: "`}}`",
  kCloseTag: "`%}`",
  kTagEndif: "`{% endif %}`",
  kTagEndfor: "`{% endfor %}`",
};

const OPERATOR_WORDS = ["and", "or", "not", "in", "is", "matches", "if", "else"];
const TAGS = ["if", "elif", "else", "endif", "for", "endfor", "set", "raw", "endraw"];

function inWords(types: ReadonlySet<string>): string {
  const words = new Set<string>();
  for (const type of types) {
    const word = WORDS[type];
    if (word !== undefined) words.add(word);
  }
  if (words.has(VALUE) && words.has(OPERATOR)) words.delete(VALUE); // after a value, only `[` counts as one
  if (types.has("kString") && !types.has("kPath")) words.delete(VALUE);
  const list = [...words];
  if (types.has("kString") && !types.has("kPath")) list.unshift("a key in quotes");
  const lastWord = list.pop() ?? "the end";
  return list.length === 0 ? lastWord : `${list.join(", ")} or ${lastWord}`;
}

export function endsTooEarly(last: Token | undefined, expected: ReadonlySet<string>, origin: Origin | undefined): DefinitionError {
  const at =
    last === undefined
      ? { offset: origin?.offset ?? 0, line: origin?.line ?? 1, column: origin?.column ?? 1 }
      : { offset: last.offset + last.text.length, line: last.line, column: last.col + last.text.length };
  return placedError("DEF_UNFINISHED", at, 1, { expected: inWords(expected) });
}

export function unexpected(token: Token, expected: ReadonlySet<string>, _last: Token | undefined): DefinitionError {
  switch (token.type) {
    case "kBad":
      return badCharacter(token);
    case "kBadTag":
      return badTag(token);
    case "kBadWord":
      return syntaxError(
        token,
        "After `is` comes `defined`, `none`, `not defined` or `not none`.",
        "Compare with `==`, or write `x is defined`.",
      );
    case "kAssign":
      return syntaxError(token, "`=` is not an operator.", "Two values are compared with `==`.");
    case "kOpen":
      if (expected.has("kBinary"))
        return syntaxError(
          token,
          "Only filters can be called, and their names have no dots.",
          "Write `value | filter` or `filter(value)`.",
        );
      break;
    case "kRaw":
      return syntaxError(token, "`raw` can only be the last filter of an output.");
  }
  const near = token.type === "kPath" && expected.has("kBinary") ? nearestName(token.text, OPERATOR_WORDS) : undefined;
  const problem = `${inWords(expected)} expected, but \`${shown(token)}\` stands here.`;
  return syntaxError(
    token,
    problem.charAt(0).toUpperCase() + problem.slice(1),
    near === undefined ? undefined : `Did you mean \`${near}\`?`,
  );
}

function shown(token: Token): string {
  const text = token.text.trim();
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function badCharacter(token: Token): DefinitionError {
  const char = String.fromCodePoint(token.text.codePointAt(0) ?? 0);
  const mark = { offset: token.offset, line: token.line, col: token.col, text: char };
  if (char === '"' || char === "'") return syntaxError(mark, "The text that begins here has no closing quote.");
  if (char === "&") return syntaxError(mark, "`&` is not an operator.", "Write AND or `&&`.");
  if (char === ".")
    return syntaxError(mark, "A name must follow the dot.", 'Positions and other keys are written in brackets: `a[0]`, `a["k-1"]`.');
  if (char === "$") return syntaxError(mark, "A name must follow `$`.");
  if (/[0-9]/.test(char))
    return syntaxError(mark, "This is no number and no name.", "Names begin with a letter; numbers look like `12`, `0.5` or `1e6`.");
  return syntaxError(mark, `The character \`${char}\` means nothing here.`);
}

function badTag(token: Token): DefinitionError {
  if (token.text === "{#") return syntaxError(token, "The comment that begins here has no end.", "Comments end with `#}`.");
  const word = /\w*$/.exec(token.text)?.[0] ?? "";
  if (word === "for") return syntaxError(token, "A loop is written `{% for name in list %}`.");
  if (word === "set") return syntaxError(token, "An assignment is written `{% set name = value %}`.");
  if (word === "raw") return syntaxError(token, "The raw block that begins here has no end.", "Raw blocks end with `{% endraw %}`.");
  if (word === "") return syntaxError(token, "A tag begins with its name.", `The tags are ${TAGS.join(", ")}.`);
  const near = nearestName(word, TAGS);
  return syntaxError(
    token,
    `There is no tag \`{% ${word} %}\`.`,
    near === undefined ? `The tags are ${TAGS.join(", ")}.` : `Did you mean \`${near}\`?`,
  );
}
