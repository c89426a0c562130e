/** The words of one simple command, and what the command would do with a value in one of them. */

/** Stands for a value in a word's text; no script contains it. */
export const VALUE = "\u0000";

interface Word {
  text: string;
}

const SHELLS = new Set(["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "fish", "busybox"]);
const INTERPRETERS = new Set([
  ...SHELLS,
  "python",
  "python2",
  "python3",
  "perl",
  "ruby",
  "node",
  "nodejs",
  "deno",
  "bun",
  "php",
  "lua",
  "su",
  "runuser",
]);
/** Commands that put another before them; their options and assignments are passed over. */
const PREFIXES = new Set([
  "command",
  "builtin",
  "exec",
  "sudo",
  "doas",
  "env",
  "nohup",
  "time",
  "nice",
  "setsid",
  "stdbuf",
  "if",
  "then",
  "else",
  "elif",
  "while",
  "until",
  "do",
  "!",
  "{",
]);
/** Their arguments are read as code. */
const EVALUATORS: Readonly<Record<string, string>> = {
  eval: "`eval` reads its arguments as code.",
  trap: "`trap` reads its argument as code.",
  let: "`let` evaluates its arguments.",
  ssh: "`ssh` hands its arguments to a shell on the other side.",
  watch: "`watch` hands its arguments to a shell.",
};
/** Their arguments are names of variables, and bash evaluates what stands in a name's brackets. */
const NAMERS = new Set(["unset", "read", "mapfile", "readarray", "getopts"]);
const DECLARERS = new Set(["declare", "typeset", "local", "export", "readonly", "alias"]);
const CODE_OPTION = /^-[A-Za-z]*[ceE]$|^-p$|^--(eval|print|command|execute)$/;
const SUBSCRIPT = /^[A-Za-z_][A-Za-z0-9_]*\[[^\]]*$/;
const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*(\[[^\]]*\])?\+?=/;
const ARITHMETIC_TEST = /^-(eq|ne|lt|le|gt|ge)$/;

/** What the commands of one pipeline know of each other. */
export interface Pipeline {
  /** Something in it carries a value. */
  carriesValue: boolean;
  /** A shell reads from the pipe. */
  feedsShell: boolean;
}

export class ShellCommand {
  readonly pipeline: Pipeline;
  readonly #words: Word[] = [];
  readonly #readsPipe: boolean;
  #isInWord = false;
  /** Inside `[[ … ]]`. */
  #isTest = false;
  #isHereString = false;
  #isDuplicate = false;

  /** The first command of a pipeline, or with one given the next of it. */
  constructor(pipeline: Pipeline | null = null) {
    this.pipeline = pipeline ?? { carriesValue: false, feedsShell: false };
    this.#readsPipe = pipeline !== null;
  }

  get isInWord(): boolean {
    return this.#isInWord;
  }

  /** It takes what it reads from its input as code. */
  get readsCode(): boolean {
    return nameOf(this.#words) === "ssh" || this.#words.some(({ text }) => INTERPRETERS.has(baseName(text)));
  }

  /** Appends to the present word, or begins one. */
  add(text: string): void {
    if (!this.#isInWord) this.#words.push({ text: "" });
    this.#isInWord = true;
    (this.#words.at(-1) as Word).text += text; // one was pushed, or the command is in one
  }

  /** The next word is a here-string. */
  beginHereString(): void {
    this.#isHereString = true;
  }

  /** The next word says which stream `>&` or `<&` duplicates. */
  beginDuplicate(): void {
    this.#isDuplicate = true;
  }

  /** Ends the present word; returns it when it stands where a command begins. */
  endWord(): string | null {
    if (!this.#isInWord) return null;
    this.#isInWord = false;
    this.#isHereString = false;
    this.#isDuplicate = false;
    const text = this.#words.at(-1)?.text ?? "";
    if (text === "[[") this.#isTest = true;
    if (text === "]]") this.#isTest = false;
    return this.#words.slice(0, -1).every((word) => PREFIXES.has(word.text)) ? text : null;
  }

  /** Why a value cannot stand in the present word, or null. */
  refuses(): string | null {
    const before = this.#isInWord ? this.#words.slice(0, -1) : this.#words;
    const present = this.#isInWord ? (this.#words.at(-1)?.text ?? "") : "";
    if (SUBSCRIPT.test(present)) return "The value stands in a subscript, where the shell evaluates what it finds.";
    // bash takes what is no number for a file's name, and expands that a second time.
    if (this.#isDuplicate) return "The value follows `>&` or `<&`, where bash expands it twice.";
    if (this.#isHereString && this.readsCode) return "The value is fed to a program that reads it as code.";
    const previous = before.at(-1)?.text ?? "";
    if (this.#isTest && ARITHMETIC_TEST.test(previous)) return TEST_PROBLEM;
    if (previous === "-v" && ["[[", "[", "test", "printf"].includes(nameOf(before)))
      return "The value would be taken as the name of a variable.";
    return whyNameRefuses(before, present) ?? whyInterpreterRefuses(before);
  }

  /** What only the word behind a value shows. */
  wordProblem(): string | null {
    const [value, operator] = this.#words.slice(-2);
    return this.#isTest && value?.text.includes(VALUE) === true && ARITHMETIC_TEST.test(operator?.text ?? "") ? TEST_PROBLEM : null;
  }

  /** What only the command's end shows: whether it is a shell without a script, which then comes through the pipe. */
  endProblem(): string | null {
    if (!this.#readsPipe || !this.#isBareShell()) return null;
    this.pipeline.feedsShell = true;
    return this.pipeline.carriesValue ? "A value is piped into a shell." : null;
  }

  #isBareShell(): boolean {
    const name = nameOf(this.#words);
    const at = this.#words.findIndex(({ text }) => text === name);
    return SHELLS.has(baseName(name)) && this.#words.slice(at + 1).every(({ text }) => text.startsWith("-") && !CODE_OPTION.test(text));
  }
}

const TEST_PROBLEM = "The value is compared as a number inside `[[ … ]]`, which evaluates what it finds; `[ … ]` does not.";

function whyNameRefuses(before: readonly Word[], present: string): string | null {
  const name = nameOf(before);
  const evaluator = Object.hasOwn(EVALUATORS, name) ? EVALUATORS[name] : undefined;
  if (evaluator !== undefined) return evaluator;
  if (NAMERS.has(name)) return `\`${name}\` would take the value as the name of a variable.`;
  if (DECLARERS.has(name) && !ASSIGNMENT.test(present)) return `\`${name}\` would take the value as the name of a variable.`;
  return null;
}

/** `sh -c CODE`: code is the first word behind the options, and only it; further words are arguments and safe. */
function whyInterpreterRefuses(before: readonly Word[]): string | null {
  let codeOption: string | null = null;
  for (let i = before.length - 1; i >= 0; i--) {
    const text = before[i]?.text ?? "";
    if (INTERPRETERS.has(baseName(text)))
      return codeOption === null ? null : `\`${baseName(text)} ${codeOption}\` reads the value as code.`;
    if (CODE_OPTION.test(text)) codeOption = text;
    else if (!text.startsWith("-")) return null;
  }
  return null;
}

function nameOf(words: readonly Word[]): string {
  let afterPrefix = false;
  for (const { text } of words) {
    if (PREFIXES.has(text)) afterPrefix = true;
    else if (!ASSIGNMENT.test(text) && !(afterPrefix && text.startsWith("-"))) return text;
  }
  return "";
}

function baseName(text: string): string {
  return text.slice(text.lastIndexOf("/") + 1);
}
