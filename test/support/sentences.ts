/** Sentences of the grammar, made from its own rules and from numbers that a property test draws. */
import compiled from "../../grammar/lang.generated.ts";
import type { EntryPoint } from "../../grammar/lexer.ts";

type GrammarSymbol = string | { readonly type: string };
interface Rule {
  readonly name: string;
  readonly symbols: readonly GrammarSymbol[];
}

const rules = Map.groupBy(compiled.ParserRules as readonly Rule[], ({ name }) => name); // symbols that are no text are tokens

/** Source texts of each token. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  kPath: ["a", "input.x", "$s.y", "upper"],
  kLiteral: ["1", "true", "none", "0.5"],
  kString: ['"t"', "'u'"],
  kBinary: ["and", "or", "==", "<", "in", "not in", "??", "~", "+", "-", "*", "%"],
  kTest: ["is defined", "is not none"],
  kUnary: ["not", "-"],
  kCall: ["default(", "length(", "f("],
  kMember: [".m"],
  kIf: ["if"],
  kElse: ["else"],
  kPipe: ["|"],
  kOpen: ["("],
  kClose: [")"],
  kOpenList: ["["],
  kCloseList: ["]"],
  kOpenMap: ["{"],
  kCloseMap: ["}"],
  kComma: [","],
  kColon: [":"],
  kAssign: ["="],
  kRaw: ["| raw"],
  kChars: ["text", "}", "{ "],
  kOpenOutput: ["{{", "{{-"],
  kCloseOutput: ["}}", "-}}"],
  kCloseTag: ["%}", "-%}"],
  kTagIf: ["{% if"],
  kTagElif: ["{% elif"],
  kTagElse: ["{% else"],
  kTagEndif: ["{% endif"],
  kTagFor: ["{% for x in"],
  kTagEndfor: ["{%- endfor"],
  kTagSet: ["{% set y ="],
};

/** Every token's texts, and some that are no token. */
export const WORDS: readonly string[] = [
  ...Object.values(TEXTS).flat(),
  "1e999",
  "$",
  "?",
  "is",
  "'",
  "{#",
  "#}",
  "{% raw %}",
  "{% endraw %}",
  "\n",
];

/** The words of a sentence, chosen by numbers; once they run out, the shortest way to an end. */
export function sentenceOf(start: EntryPoint, choices: readonly number[]): string[] {
  const words: string[] = [];
  const todo: GrammarSymbol[] = [start];
  let used = 0;
  for (let symbol = todo.pop(); symbol !== undefined; symbol = todo.pop()) {
    const choice = choices[used++] ?? 0;
    if (typeof symbol !== "string") {
      const options = TEXTS[symbol.type] as readonly string[];
      words.push(options[choice % options.length] as string);
      continue;
    }
    const options = rules.get(symbol) as readonly Rule[];
    const rule = options[used > choices.length ? 0 : choice % options.length] as Rule;
    todo.push(...[...rule.symbols].reverse());
  }
  return words;
}
