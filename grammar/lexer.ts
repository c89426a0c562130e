/** Splits source text into tokens (moo), in three states: text outside tags, inside a tag or bare expression, inside a map. */
import moo from "moo";

const NAME = "[A-Za-z_][A-Za-z0-9_]*";

const WORDS = new Map([
  ["if", "kIf"],
  ["else", "kElse"],
  ["is", "kBadWord"],
  ["matches", "kBinary"],
  ["true", "kLiteral"],
  ["false", "kLiteral"],
  ["null", "kLiteral"],
  ["none", "kLiteral"],
  ["True", "kLiteral"],
  ["False", "kLiteral"],
  ["None", "kLiteral"],
]);
/** The words that mean an operator in any case: AND, And, and. */
const OPERATOR_WORDS = new Map([
  ["and", "kBinary"],
  ["or", "kBinary"],
  ["not", "kUnary"],
  ["in", "kBinary"],
]);

const RESERVED = `(?:${[...WORDS.keys(), "[aA][nN][dD]", "[oO][rR]", "[nN][oO][tT]", "[iI][nN]"].join("|")})`;

function typeOfWord(text: string): string {
  return WORDS.get(text) ?? (text.length <= 3 ? (OPERATOR_WORDS.get(text.toLowerCase()) ?? "kPath") : "kPath");
}

const closeOutput = { match: /-?\}\}/, pop: 1 } as const;
const closeTag = { match: /-?%\}/, pop: 1 } as const;

/** Single characters first: moo finds them without its regular expression, as long as none stands before them. */
const singleCharRules: moo.Rules = {
  kBlank: { match: " ", type: () => "kSpace" },
  kOpen: "(",
  kClose: ")",
  kOpenList: "[",
  kCloseList: "]",
  kOpenMap: { match: "{", push: "map" },
  kComma: ",",
  kColon: ":",
};

const expressionRules: moo.Rules = {
  kSpace: { match: /[ \t\r\n]+/, lineBreaks: true },
  kTest: { match: /is[ \t\r\n]+(?:not[ \t\r\n]+)?(?:defined|none)(?![A-Za-z0-9_.])/, lineBreaks: true },
  kNotIn: { match: /[nN][oO][tT][ \t\r\n]+[iI][nN](?![A-Za-z0-9_.])/, lineBreaks: true, type: () => "kBinary" },
  kCall: { match: new RegExp(`(?!${RESERVED}(?![A-Za-z0-9_]))${NAME}[ \\t]*\\(`), value: (text) => text.slice(0, -1).trimEnd() },
  kPath: { match: new RegExp(`${NAME}(?:\\.${NAME})*`), type: typeOfWord },
  kStepPath: { match: new RegExp(`\\$${NAME}(?:\\.${NAME})*`), type: () => "kPath" },
  kMember: new RegExp(`\\.${NAME}`),
  kLiteral: /(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_])/,
  kString: { match: /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/, lineBreaks: true },
  kRaw: { match: /\|[ \t\r\n]*raw[ \t\r\n]*(?=-?\}\})/, lineBreaks: true },
  kBinary: ["||", "&&", "??", "==", "!=", "<=", ">=", "<", ">", "~", "+", "-", "*", "/", "%"],
  kNot: { match: "!", type: () => "kUnary" },
  kPipe: "|",
  kAssign: "=",
};

const bad = { kBad: moo.error } as const;

const openOutput = { match: /\{\{-?/, push: "tag" } as const;

const lexer = moo.states(
  {
    condition: { ...singleCharRules, ...expressionRules, ...bad },
    tag: { ...singleCharRules, kCloseOutput: closeOutput, kCloseTag: closeTag, ...expressionRules, ...bad },
    map: { kCloseMap: { match: "}", pop: 1 }, ...singleCharRules, ...expressionRules, ...bad },
    text: { kOpenOutput: openOutput, kChars: { fallback: true, lineBreaks: true } },
    template: {
      kOpenOutput: openOutput,
      kComment: { match: /\{#[\s\S]*?#\}/, lineBreaks: true },
      kRawBlock: { match: /\{%-?\s*raw\s*-?%\}[\s\S]*?\{%-?\s*endraw\s*-?%\}/, lineBreaks: true },
      kTagIf: { match: /\{%-?\s*if(?![A-Za-z0-9_])/, lineBreaks: true, push: "tag" },
      kTagElif: { match: /\{%-?\s*elif(?![A-Za-z0-9_])/, lineBreaks: true, push: "tag" },
      kTagElse: { match: /\{%-?\s*else(?![A-Za-z0-9_])/, lineBreaks: true, push: "tag" },
      kTagEndif: { match: /\{%-?\s*endif(?![A-Za-z0-9_])/, lineBreaks: true, push: "tag" },
      kTagFor: { match: new RegExp(`\\{%-?\\s*for\\s+${NAME}\\s+in(?![A-Za-z0-9_])`), lineBreaks: true, push: "tag" },
      kTagEndfor: { match: /\{%-?\s*endfor(?![A-Za-z0-9_])/, lineBreaks: true, push: "tag" },
      kTagSet: { match: new RegExp(`\\{%-?\\s*set\\s+${NAME}\\s*=(?!=)`), lineBreaks: true, push: "tag" },
      kBadTag: { match: /\{%-?\s*[A-Za-z0-9_]*|\{#/, lineBreaks: true },
      kChars: { fallback: true, lineBreaks: true },
    },
  },
  "condition",
);

type LexerState = "condition" | "text" | "template";
export type Token = moo.Token;

/** The entry points of the grammar, and the state that each begins in. */
export const ENTRY_POINTS = { expression: "condition", text: "text", template: "template" } as const satisfies Record<string, LexerState>;
export type EntryPoint = keyof typeof ENTRY_POINTS;

/** Where the source stands in a document, so that places are told in the document's lines. Columns of later lines move by `indent`. */
export interface Origin {
  readonly file?: string;
  readonly line: number;
  readonly column: number;
  readonly offset?: number;
  readonly indent?: number;
}

/** After one of these a minus sign subtracts; anywhere else it negates. */
const ENDS_OPERAND = new Set(["kPath", "kMember", "kString", "kLiteral", "kClose", "kCloseList", "kCloseMap", "kTest"]);

/**
 * What the parsers read from: moo without white space, with the two meanings of `-` told apart (a sign before a number is part of
 * the literal) and the white-space control of templates applied.
 */
class SourceTokens {
  /** The last token given out: where an error stands if the source ends too early. */
  last: Token | undefined;
  #state: LexerState = "condition";
  #source = "";
  #origin: Origin | undefined;
  #previous = "";
  #held: Token | undefined;
  #trimsNext = false;

  open(entryPoint: EntryPoint, origin: Origin | undefined): void {
    this.#state = ENTRY_POINTS[entryPoint];
    this.#origin = origin;
  }

  reset(source: string): void {
    this.#source = source;
    // moo forgets it here, and a parse that was given up may have left a token in it
    (lexer as unknown as { queuedGroup: unknown }).queuedGroup = null;
    // the declared type of moo's state wants fields that only save() fills
    lexer.reset(source, { line: 1, col: 1, state: this.#state } as moo.LexerState);
    this.#previous = "";
    this.#held = undefined;
    this.last = undefined;
    this.#trimsNext = false;
  }

  next(): Token | undefined {
    const token = this.#held ?? this.#visible();
    this.#held = undefined;
    if (token === undefined) return undefined;
    if (token.type === "kBinary" && token.text === "-" && !ENDS_OPERAND.has(this.#previous)) this.#sign(token);
    // a token of ours always has a type
    this.#previous = token.type as string;
    this.last = token;
    return token;
  }

  #sign(minus: Token): void {
    const following = this.#visible();
    if (following?.type === "kLiteral" && isNumeric(following)) {
      minus.type = "kLiteral";
      minus.value = `-${following.text}`;
    } else {
      minus.type = "kUnary";
      this.#held = following;
    }
  }

  #visible(): Token | undefined {
    for (;;) {
      const token = lexer.next();
      if (token === undefined) return undefined;
      if (token.type === "kSpace") continue;
      const isKept = this.#state === "condition" || this.#keeps(token);
      if (this.#origin !== undefined) move(token, this.#origin);
      if (isKept) return token;
    }
  }

  /** White-space control: a `-` at a tag trims the text beside it. False for a token that leaves nothing behind. */
  #keeps(token: Token): boolean {
    const trimsStart = this.#trimsNext;
    switch (token.type) {
      case "kChars": {
        this.#trimsNext = false;
        const end = token.offset + token.text.length;
        if (trimsStart) token.value = token.value.trimStart();
        if (this.#source[end + 2] === "-") token.value = token.value.trimEnd();
        return token.value !== "";
      }
      case "kComment":
        this.#trimsNext = token.text.endsWith("-#}");
        return false;
      case "kRawBlock": {
        const [, open, text, close, end] = RAW_PARTS.exec(token.text) as unknown as [string, string, string, string, string]; // the same shape as kRawBlock
        token.type = "kChars";
        token.value = open === "-" ? text.trimStart() : text;
        if (close === "-") token.value = token.value.trimEnd();
        this.#trimsNext = end === "-";
        return token.value !== "";
      }
      default:
        this.#trimsNext = (token.type === "kCloseOutput" || token.type === "kCloseTag") && token.text.startsWith("-");
        return true;
    }
  }

  save(): Record<string, never> {
    return {};
  }

  has(): boolean {
    return true;
  }
}

const RAW_PARTS = /^\{%-?\s*raw\s*(-?)%\}([\s\S]*?)\{%(-?)\s*endraw\s*(-?)%\}$/;

function isNumeric(token: Token): boolean {
  const code = token.text.charCodeAt(0);
  return code >= 48 && code <= 57;
}

function move(token: Token, origin: Origin): void {
  token.col += token.line === 1 ? origin.column - 1 : (origin.indent ?? 0);
  token.line += origin.line - 1;
  token.offset += origin.offset ?? 0;
}

export const tokens = new SourceTokens();
