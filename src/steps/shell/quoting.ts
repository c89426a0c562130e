/**
 * Follows a shell script as the shell reads it, to tell in which quotes a `{{ … }}` stands (S-8).
 *
 * Q1 A value is only ever reached through a variable, so it is data wherever it is merely expanded.
 * Q2 What this module refuses are the places where expanding is not enough (the text stays literal) or too much (the expanded value
 *    is read as code again: arithmetic, subscripts, `eval`, a nested shell).
 * Q3 Were it ever wrong about the quotes, the value would be split into words or stay unexpanded; it would not become code.
 */
import { ShellCommand, VALUE } from "./shell-command.ts";

/** How a reference has to be written at a place, or why none can be. */
export type Placement = { readonly kind: "quoted" } | { readonly kind: "bare" } | { readonly kind: "refused"; readonly problem: string; readonly fix: string };

interface CommandFrame {
  readonly kind: "command";
  readonly closer: ")" | null;
  command: ShellCommand;
  /** Something in this pipeline carries a value; a shell further down would read it as code. */
  pipeCarriesValue: boolean;
  caseDepth: number;
  readonly heredocs: Heredoc[];
}
interface Heredoc {
  readonly delimiter: string;
  readonly isQuoted: boolean;
  readonly stripsTabs: boolean;
  /** The command that reads it takes it as code. */
  readonly feedsCode: boolean;
}
interface HeredocFrame {
  readonly kind: "heredoc";
  readonly heredoc: Heredoc;
  line: string;
}
type Frame = CommandFrame | HeredocFrame | { readonly kind: "single" | "ansi" | "double" | "brace" | "backtick" | "comment" } | { readonly kind: "arithmetic"; depth: number };

export class QuotingScanner {
  readonly #stack: Frame[] = [newCommand(null)];
  #text = "";
  #at = 0;
  /** The character before a value would take its meaning away. */
  #pending: "\\" | "$" | null = null;

  /** Reads script text up to the next value. */
  read(text: string): void {
    this.#text = text;
    this.#at = 0;
    this.#pending = null;
    while (this.#at < text.length) this.#step();
  }

  /** Where the next value stands. */
  place(): Placement {
    const placement = this.#placement();
    this.#noteValue();
    this.#pending = null;
    return placement;
  }

  /** What only showed behind a value. Complete after `finish`. */
  readonly lateProblems: string[] = [];

  /** Ends the script. */
  finish(): void {
    for (const frame of this.#stack) if (frame.kind === "command") this.#endWord(frame);
  }

  /** Whether all quotes and brackets were closed. */
  get isBalanced(): boolean {
    const top = this.#top;
    return this.#stack.length === 1 || (this.#stack.length === 2 && (top.kind === "comment" || top.kind === "heredoc"));
  }

  get #top(): Frame {
    return this.#stack.at(-1) as Frame; // the first frame is never taken off
  }

  #placement(): Placement {
    if (this.#pending === "\\") return refused("A backslash stands right before the value.", "Remove the backslash: the value is quoted for you.");
    if (this.#pending === "$") return refused("A dollar sign stands right before the value.", "Write the value alone, or give it a name in `env:`.");
    const frame = this.#top;
    switch (frame.kind) {
      case "single":
      case "ansi":
        return refused("The value stands in single quotes, where the shell expands nothing.", "Close the quotes before it, or use double quotes.");
      case "backtick":
        return refused("The value stands in backticks.", "Use `$( … )` instead.");
      case "brace":
        return refused("The value stands inside `${ … }`.", "Assign it to a variable first, or use `env:`.");
      case "arithmetic":
        return refused("The value stands in arithmetic, where the shell evaluates what it finds.", "Compute it in the expression: `{{ a + 1 }}`.");
      case "heredoc":
        if (frame.heredoc.isQuoted) return refused("The value stands in a quoted here-document, where the shell expands nothing.", "Remove the quotes around its delimiter.");
        if (frame.heredoc.feedsCode) return refused("The value stands in a here-document that a program reads as code.", NESTED_FIX);
        return { kind: "bare" };
      case "double":
        return this.#inCommand() ?? { kind: "bare" };
      case "comment":
        return { kind: "bare" };
      case "command":
        return this.#inCommand() ?? { kind: "quoted" };
    }
  }

  /** What the command makes of a value in its present word. */
  #inCommand(): Placement | null {
    const frame = this.#commandFrame();
    if (frame === null) return null;
    const problem = frame.command.refuses();
    return problem === null ? null : refused(problem, NESTED_FIX);
  }

  #noteValue(): void {
    const frame = this.#commandFrame();
    if (this.#top.kind === "heredoc") this.#top.line += VALUE;
    if (this.#top.kind === "comment" || frame === null) return;
    frame.command.add(VALUE);
    frame.pipeCarriesValue = true;
  }

  /** The command whose word is being read: the top frame, or the one around its quotes. */
  #commandFrame(): CommandFrame | null {
    for (let i = this.#stack.length - 1; i >= 0; i--) {
      const frame = this.#stack[i] as Frame; // i is within the stack
      if (frame.kind === "command") return frame;
      if (frame.kind === "heredoc") return null;
    }
    return null;
  }

  #step(): void {
    const frame = this.#top;
    const char = this.#text[this.#at] as string; // `read` stops at the end
    this.#pending = null;
    switch (frame.kind) {
      case "single":
        return this.#literal(char, "'");
      case "ansi":
        return char === "\\" ? this.#skip(2) : this.#literal(char, "'");
      case "backtick":
        return char === "\\" ? this.#skip(2) : this.#literal(char, "`");
      case "comment":
        if (char === "\n") this.#stack.pop();
        else this.#at++;
        return;
      case "double":
        if (char === '"') return this.#leave();
        if (this.#expansion(char)) return;
        return this.#addToWord(char);
      case "brace":
        if (char === "}") return this.#leave();
        if (this.#quotes(char) || this.#expansion(char)) return;
        return this.#skip(1);
      case "arithmetic":
        return this.#arithmetic(frame, char);
      case "heredoc":
        return this.#heredoc(frame, char);
      case "command":
        return this.#command(frame, char);
    }
  }

  #skip(count: number): void {
    if (count === 2 && this.#at + 1 >= this.#text.length) this.#pending = "\\";
    this.#at += count;
  }

  #leave(): void {
    this.#stack.pop();
    this.#at++;
  }

  #enter(frame: Frame, length: number): void {
    this.#stack.push(frame);
    this.#at += length;
  }

  #literal(char: string, closer: string): void {
    if (char === closer) return this.#leave();
    this.#addToWord(char);
  }

  #addToWord(char: string): void {
    const frame = this.#commandFrame();
    frame?.command.add(char);
    this.#at++;
  }

  #ahead(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  /** Backslash, `$…` and backticks, which mean the same in and out of double quotes. */
  #expansion(char: string): boolean {
    if (char === "\\") this.#skip(2);
    else if (char === "`") this.#enter({ kind: "backtick" }, 1);
    else if (char !== "$") return false;
    else if (this.#ahead("$((")) this.#enter({ kind: "arithmetic", depth: 2 }, 3);
    else if (this.#ahead("$[")) this.#enter({ kind: "arithmetic", depth: 1 }, 2);
    else if (this.#ahead("$(")) this.#enter(newCommand(")"), 2);
    else if (this.#ahead("${")) this.#enter({ kind: "brace" }, 2);
    else {
      this.#pending = this.#at + 1 >= this.#text.length ? "$" : null;
      const pending = this.#pending;
      this.#addToWord(char);
      this.#pending = pending;
    }
    return true;
  }

  #quotes(char: string): boolean {
    if (this.#ahead("$'")) this.#enter({ kind: "ansi" }, 2);
    else if (this.#ahead('$"')) this.#enter({ kind: "double" }, 2);
    else if (char === "'") this.#enter({ kind: "single" }, 1);
    else if (char === '"') this.#enter({ kind: "double" }, 1);
    else return false;
    return true;
  }

  #arithmetic(frame: Frame & { kind: "arithmetic" }, char: string): void {
    if (char === "(" || char === "[") frame.depth++;
    else if (char === ")" || char === "]") frame.depth--;
    else if (this.#expansion(char)) return;
    if (frame.depth === 0) this.#leave();
    else this.#at++;
  }

  #heredoc(frame: HeredocFrame, char: string): void {
    if (char === "\n") {
      const { heredoc } = frame;
      const line = heredoc.stripsTabs ? frame.line.replace(/^\t+/, "") : frame.line;
      frame.line = "";
      this.#at++;
      if (line === heredoc.delimiter) this.#endHeredoc();
      return;
    }
    if (!frame.heredoc.isQuoted && this.#expansion(char)) {
      frame.line += VALUE; // not the delimiter
      return;
    }
    frame.line += char;
    this.#at++;
  }

  #endHeredoc(): void {
    this.#stack.pop();
    const frame = this.#top;
    if (frame.kind === "command") this.#startHeredoc(frame);
  }

  #startHeredoc(frame: CommandFrame): void {
    const next = frame.heredocs.shift();
    if (next !== undefined) this.#stack.push({ kind: "heredoc", heredoc: next, line: "" });
  }

  #command(frame: CommandFrame, char: string): void {
    const { command } = frame;
    const isWordStart = !command.isInWord;
    if (this.#quotes(char)) return command.add("");
    if (this.#ahead("((") && isWordStart) return this.#enter({ kind: "arithmetic", depth: 2 }, 2);
    if (char === "#" && isWordStart) return this.#enter({ kind: "comment" }, 1);
    if (this.#ahead("<<<")) {
      this.#endWord(frame);
      command.beginHereString();
      return this.#skip(3);
    }
    if (this.#ahead("<<")) return this.#readHeredocStart(frame);
    if (this.#ahead("<(") || this.#ahead(">(")) return this.#enter(newCommand(")"), 2);
    if (char === " " || char === "\t" || char === "<" || char === ">") {
      this.#endWord(frame);
      this.#at++;
      return;
    }
    if (char === "(") return this.#enter(newCommand(")"), 1);
    if (char === ")") return this.#closeParen(frame);
    if (char === "|" || char === "&" || char === ";" || char === "\n") return this.#separator(frame, char);
    if (char === "\\" && this.#ahead("\\\n")) return this.#skip(2);
    if (char === "\\" && this.#at + 1 < this.#text.length) command.add(this.#text[this.#at + 1] as string); // within the text
    if (this.#expansion(char)) return command.add("");
    this.#addToWord(char);
  }

  #endWord(frame: CommandFrame): void {
    const word = frame.command.endWord();
    const problem = frame.command.lateProblem();
    if (problem !== null) this.lateProblems.push(problem);
    if (word === "case") frame.caseDepth++;
    else if (word === "esac") frame.caseDepth = Math.max(0, frame.caseDepth - 1);
  }

  #closeParen(frame: CommandFrame): void {
    this.#endWord(frame);
    // Within `case`, it ends a pattern.
    if (frame.caseDepth > 0 || frame.closer === null) {
      frame.command = new ShellCommand(false);
      this.#at++;
      return;
    }
    this.#leave();
    const outer = this.#commandFrame();
    if (outer !== null && frame.pipeCarriesValue) outer.pipeCarriesValue = true;
  }

  #separator(frame: CommandFrame, char: string): void {
    // `2>&1` and `&>` are redirections, not ends.
    if (char === "&" && (this.#text[this.#at - 1] === ">" || this.#text[this.#at - 1] === "<" || this.#ahead("&>"))) {
      this.#at++;
      return;
    }
    this.#endWord(frame);
    const isPipe = char === "|" && !this.#ahead("||");
    if (!isPipe) frame.pipeCarriesValue = false;
    frame.command = new ShellCommand(isPipe && frame.pipeCarriesValue);
    this.#at += this.#ahead("||") || this.#ahead("&&") || this.#ahead(";;") || this.#ahead("|&") ? 2 : 1;
    if (char === "\n") this.#startHeredoc(frame);
  }

  #readHeredocStart(frame: CommandFrame): void {
    const match = /^<<(-?)[ \t]*(?:'([^']*)'|"([^"]*)"|((?:\\.|[^\s;&|<>()'"])+))/.exec(this.#text.slice(this.#at));
    const feedsCode = frame.command.readsCode;
    this.#endWord(frame);
    if (match === null) {
      // The delimiter is a value, or missing: nothing after it can be trusted, so it counts as quoted to the end.
      frame.heredocs.push({ delimiter: VALUE, isQuoted: true, stripsTabs: false, feedsCode });
      this.#at += 2;
      return;
    }
    const [whole, dash, single, double, bare] = match;
    const delimiter = single ?? double ?? (bare ?? "").replace(/\\(.)/g, "$1");
    frame.heredocs.push({ delimiter, isQuoted: bare === undefined || bare.includes("\\"), stripsTabs: dash === "-", feedsCode });
    this.#at += whole.length;
  }
}

const NESTED_FIX = "Pass it as an argument (`sh -c '… \"$1\" …' -- {{ value }}`), through `env:`, or opt out with `| raw`.";

function refused(problem: string, fix: string): Placement {
  return { kind: "refused", problem, fix };
}

function newCommand(closer: ")" | null): CommandFrame {
  return { kind: "command", closer, command: new ShellCommand(false), pipeCarriesValue: false, caseDepth: 0, heredocs: [] };
}
